package org.alborz.gpucheck;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.alborz.backend.BackendOptions;
import org.alborz.cli.PeerRatio;
import org.alborz.cli.Workload;
import org.alborz.tensor.Session;

/**
 * Compares captured training steps whose convolutions take the algorithms that were timed ({@link BackendOptions#algorithms}) with those whose algorithms
 * cuDNN's heuristics choose, by turns.
 */
final class AlgorithmsCheck implements Check {
    /** How many rounds' time each warms up for. */
    private static final int WARM_UP = 2;

    private static final List<Variant> VARIANTS = List.of(Variant.CAPTURED_TF32, Variant.CAPTURED_BFLOAT16);

    private final Subject subject;
    private final Scale scale;

    AlgorithmsCheck(Subject subject, Scale scale) {
        this.subject = subject;
        this.scale = scale;
    }

    @Override
    public String name() {
        return "algorithms";
    }

    @Override
    public void run(Rows rows) {
        if (subject.isCpu()) {
            rows.skipped(name(), "the CPU backends have no algorithms of convolutions to time");
            return;
        }
        try {
            Path folder = Files.createTempDirectory("alborz-algorithms");
            Path file = folder.resolve("algorithms.txt");
            try {
                measure(rows, file);
            } finally {
                Files.deleteIfExists(file);
                Files.deleteIfExists(folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the file of algorithms cannot be kept; name another folder by TMPDIR", e);
        }
    }

    private void measure(Rows rows, Path file) {
        for (Variant variant : VARIANTS) {
            String refusal = variant.refusal(subject);
            if (refusal != null) {
                rows.skipped(name() + "." + variant, "%s", refusal);
                continue;
            }
            for (Scale.Training training : scale.trainings()) {
                compare(rows, variant, training, file);
            }
        }
    }

    private void compare(Rows rows, Variant variant, Scale.Training training, Path file) {
        String row = name() + "." + training + "." + variant;
        try (Session timedSession =
                        variant.open(subject, BackendOptions.defaults().withAlgorithms(file));
                Session chosenSession = variant.open(subject);
                Workload timed = SpeedCheck.training(timedSession, variant, training.net(), training.batch());
                Workload chosen = SpeedCheck.training(chosenSession, variant, training.net(), training.batch())) {
            timed.rate(WARM_UP * scale.seconds());
            chosen.rate(WARM_UP * scale.seconds());
            PeerRatio.Result r = new Turns(row, scale.rounds())
                    .run(() -> timed.rate(scale.seconds()), () -> chosen.rate(scale.seconds()));
            rows.measured(
                    row,
                    Turns.numbers(r),
                    "timed %,.0f, by heuristics %,.0f images/s: ratio %.2f (%.2f to %.2f)",
                    r.ours(),
                    r.peer(),
                    r.ratio(),
                    r.low(),
                    r.high());
        }
    }
}
