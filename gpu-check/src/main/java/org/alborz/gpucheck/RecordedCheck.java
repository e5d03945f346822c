package org.alborz.gpucheck;

import java.util.Arrays;
import org.alborz.backend.BackendOptions;
import org.alborz.data.Dataset;
import org.alborz.tensor.Session;
import org.alborz.type.DType;

/** Replayed training steps give the bits of eager ones. */
final class RecordedCheck implements Check {
    private final Subject subject;
    private final Scale scale;

    /** What a run came to. */
    private record Result(double[] losses, float[] weights, long replays) {}

    RecordedCheck(Subject subject, Scale scale) {
        this.subject = subject;
        this.scale = scale;
    }

    @Override
    public String name() {
        return "recorded";
    }

    @Override
    public void run(Rows rows) {
        Dataset images = CnnRun.images(scale.batch());
        Result eager = train(images, false);
        Result recorded = train(images, true);
        if (recorded == null) {
            rows.skipped(name(), "the backend records no steps");
            return;
        }
        if (recorded.replays() == 0) {
            rows.failed(name(), "the backend can record, but no step was replayed; its warning says why");
            return;
        }
        int differing = 0;
        while (differing < eager.losses().length && eager.losses()[differing] == recorded.losses()[differing]) {
            differing++;
        }
        boolean same = differing == eager.losses().length && Arrays.equals(eager.weights(), recorded.weights());
        rows.judged(
                name(),
                same,
                same
                        ? "%d steps, %d of them replayed: losses and weights bit-equal with eager ones"
                        : "of %d steps, %d of them replayed, the losses differ from step " + (differing + 1)
                                + " on, or the weights at the end",
                scale.recordedSteps(),
                recorded.replays());
    }

    /** Returns null where steps cannot be recorded. */
    private Result train(Dataset images, boolean recording) {
        RecorderSpy spy = RecorderSpy.on(subject.open(BackendOptions.defaults()));
        try (Session session = Session.of(spy.backend(), DType.FLOAT32)) {
            if (recording && spy.backend().recorder().isEmpty()) {
                return null;
            }
            try (CnnRun run = CnnRun.begin(session, images, recording)) {
                double[] losses = new double[scale.recordedSteps()];
                for (int i = 0; i < losses.length; i++) {
                    losses[i] = run.step();
                }
                return new Result(losses, run.weights(), spy.replays());
            }
        }
    }
}
