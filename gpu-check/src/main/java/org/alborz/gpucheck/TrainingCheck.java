package org.alborz.gpucheck;

import java.util.Arrays;
import org.alborz.backend.MemoryStatistics;
import org.alborz.data.Dataset;
import org.alborz.tensor.Session;
import org.alborz.type.DType;

/** Trains {@code cifar-cnn} with dropout: its losses are the reference's, it learns, and its memory stops growing. */
final class TrainingCheck implements Check {
    /**
     * How far a loss may be from the reference's, relative to the first loss. Rounding differs in the seventh digit, and each step of
     * Adam, which divides by the gradients' size, makes more of it.
     */
    static final double TOLERANCE = 0.01;

    /** The first step makes all that stays; the second and third may still need other buffers at a time. */
    private static final int SETTLED = 3;

    private final Subject subject;
    private final Subject reference;
    private final Scale scale;
    private final double tolerance;

    TrainingCheck(Subject subject, Subject reference, Scale scale, double tolerance) {
        this.subject = subject;
        this.reference = reference;
        this.scale = scale;
        this.tolerance = tolerance;
    }

    @Override
    public String name() {
        return "training";
    }

    @Override
    public void run(Rows rows) {
        Dataset images = CnnRun.images(scale.batch());
        double[] losses = new double[scale.steps()];
        long[] held = new long[scale.steps()];
        try (Session session = subject.session(DType.FLOAT32);
                CnnRun run = CnnRun.begin(session, images, false)) {
            for (int i = 0; i < losses.length; i++) {
                losses[i] = run.step();
                MemoryStatistics memory = session.memory();
                held[i] = memory.used() + memory.pooled();
            }
        }
        learns(rows, losses);
        remembers(rows, held);
        compare(rows, images, losses);
    }

    private static void learns(Rows rows, double[] losses) {
        double first = losses[0];
        double last = losses[losses.length - 1];
        rows.judged(
                "training.learns",
                Arrays.stream(losses).allMatch(Double::isFinite) && last < first,
                "loss %.4f -> %.4f in %d steps",
                first,
                last,
                losses.length);
    }

    private static void remembers(Rows rows, long[] held) {
        long settled = held[SETTLED - 1];
        long most = Arrays.stream(held).skip(SETTLED).max().orElse(settled);
        rows.judged(
                "training.memory",
                most <= settled,
                "%.1f MiB held after step %d, at most %.1f MiB after",
                settled / 0x1p20,
                SETTLED,
                most / 0x1p20);
    }

    private void compare(Rows rows, Dataset images, double[] losses) {
        double worst = 0;
        int where = 0;
        double first = 0;
        try (Session session = reference.session(DType.FLOAT32);
                CnnRun run = CnnRun.begin(session, images, false)) {
            for (int i = 0; i < scale.comparedSteps(); i++) {
                double expected = run.step();
                first = i == 0 ? expected : first;
                double distance = Math.abs(losses[i] - expected) / first;
                if (!(distance <= worst)) { // NaN as well
                    worst = distance;
                    where = i + 1;
                }
            }
        }
        rows.judged(
                "training.losses",
                worst <= tolerance,
                "first %d losses within %.1e of the reference's (worst: step %d), %.1e allowed, relative to the first",
                scale.comparedSteps(),
                worst,
                where,
                tolerance);
    }
}
