package org.alborz.gpucheck;

import java.util.Arrays;
import org.alborz.backend.MemoryStatistics;
import org.alborz.data.Dataset;
import org.alborz.tensor.Session;
import org.alborz.type.DType;

/** Trains {@code cifar-cnn} with dropout: its losses are the reference's, it learns, and its memory stops growing. */
final class TrainingCheck implements Check {
    /**
     * How far a loss may be from the reference's for each step so far, relative to the first loss. Rounding differs in the seventh
     * digit, and weights react to it, so losses drift apart: those of software CUDA from the CPU's by up to 1e-3 at step 16 and 4e-3 at
     * step 38, at most a third of this. With other dropout masks they are 2e-3 apart at step 1 and 3e-2 at step 2.
     */
    private static final double TOLERANCE_PER_STEP = 4e-4;

    /** The first step makes all that stays; the second and third may still need other buffers at a time. */
    private static final int SETTLED = 3;

    private final Subject subject;
    private final Subject reference;
    private final Scale scale;

    TrainingCheck(Subject subject, Subject reference, Scale scale) {
        this.subject = subject;
        this.reference = reference;
        this.scale = scale;
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
        double worst = 0; // as a share of what is allowed
        double distanceAtWorst = 0;
        int where = 1;
        try (Session session = reference.session(DType.FLOAT32);
                CnnRun run = CnnRun.begin(session, images, false)) {
            for (int step = 1; step <= scale.comparedSteps(); step++) {
                double distance = Math.abs(losses[step - 1] - run.step()) / losses[0];
                double share = distance / (TOLERANCE_PER_STEP * step);
                if (!(share <= worst)) { // NaN as well
                    worst = share;
                    distanceAtWorst = distance;
                    where = step;
                }
            }
        }
        rows.judged(
                "training.losses",
                worst <= 1,
                "first %d losses against the reference's: at worst apart by %.1e at step %d, %.1e allowed there",
                scale.comparedSteps(),
                distanceAtWorst,
                where,
                TOLERANCE_PER_STEP * where);
    }
}
