package org.alborz.gpucheck;

import java.util.Arrays;
import org.alborz.backend.BackendOptions;
import org.alborz.data.Dataset;
import org.alborz.tensor.Session;
import org.alborz.type.DType;

/** Replayed training steps give the bits of eager ones. */
final class CapturedStepsCheck implements Check {
    private final Subject subject;
    private final Scale scale;

    /** What a run came to. */
    private record Result(double[] losses, float[] weights, long replays) {}

    CapturedStepsCheck(Subject subject, Scale scale) {
        this.subject = subject;
        this.scale = scale;
    }

    @Override
    public String name() {
        return "captured";
    }

    @Override
    public void run(Rows rows) {
        Dataset images = CnnRun.images(scale.batch());
        Result eager = train(images, false);
        Result captured = train(images, true);
        if (captured == null) {
            rows.skipped(name(), "the backend captures no steps");
            return;
        }
        if (captured.replays() == 0) {
            rows.failed(name(), "the backend can capture, but no step was replayed; its warning says why");
            return;
        }
        int differing = 0;
        while (differing < eager.losses().length && eager.losses()[differing] == captured.losses()[differing]) {
            differing++;
        }
        boolean same = differing == eager.losses().length && Arrays.equals(eager.weights(), captured.weights());
        rows.judged(
                name(),
                same,
                same
                        ? "%d steps, %d of them replayed: losses and weights bit-equal with eager ones"
                        : "of %d steps, %d of them replayed, the losses differ from step " + (differing + 1)
                                + " on, or the weights at the end",
                scale.capturedSteps(),
                captured.replays());
    }

    /** Returns null where steps cannot be captured. */
    private Result train(Dataset images, boolean graphCapture) {
        GraphCaptureSpy spy = GraphCaptureSpy.on(subject.open(BackendOptions.defaults()));
        try (Session session = Session.of(spy.backend(), DType.FLOAT32)) {
            if (graphCapture && spy.backend().graphCapture().isEmpty()) {
                return null;
            }
            try (CnnRun run = CnnRun.begin(session, images, graphCapture)) {
                double[] losses = new double[scale.capturedSteps()];
                for (int i = 0; i < losses.length; i++) {
                    losses[i] = run.step();
                }
                return new Result(losses, run.weights(), spy.replays());
            }
        }
    }
}
