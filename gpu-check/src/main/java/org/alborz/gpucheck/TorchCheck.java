package org.alborz.gpucheck;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.alborz.cli.PeerProcess;
import org.alborz.cli.PeerRatio;
import org.alborz.cli.Workload;
import org.alborz.models.Models;
import org.alborz.nn.Model;
import org.alborz.tensor.Session;
import org.alborz.type.DType;

/**
 * Compares trainings with PyTorch's, which a Python process of its own does, by {@link Turns}: eagerly, as a CUDA graph, and in bfloat16, where PyTorch's
 * images are channels-last.
 */
final class TorchCheck implements Check {
    /** How many rounds' time a contestant warms up for. */
    private static final int WARM_UP = 3;

    /** Those of {@code GeneratedImages}, which the script has as well. */
    private static final int CLASSES = 10;

    /** What is compared with what: the same types of numbers, and the same way to issue work. */
    private static final List<Pairing> PAIRINGS = List.of(
            new Pairing(Variant.EAGER, "eager-fp32"),
            new Pairing(Variant.EAGER_TF32, "eager-tf32"),
            new Pairing(Variant.CAPTURED_TF32, "graph-tf32"),
            new Pairing(Variant.CAPTURED_BFLOAT16, "graph-bf16"));

    private final Subject subject;
    private final Scale scale;
    private final List<String> command;
    private final Path log;

    /** A variant of Alborz, and the mode of {@code tools/torch_cnn.py} that it is compared with. */
    private record Pairing(Variant ours, String theirs) {}

    /**
     * Makes a check.
     *
     * @param python the Python to run
     * @param script {@code tools/torch_cnn.py}
     * @param log where what PyTorch says beside goes
     */
    TorchCheck(Subject subject, Scale scale, String python, Path script, Path log) {
        this.subject = subject;
        this.scale = scale;
        this.command = List.of(python, script.toString(), subject.isCpu() ? "cpu" : "cuda");
        this.log = log;
    }

    @Override
    public String name() {
        return "torch";
    }

    @Override
    public void run(Rows rows) {
        PeerProcess torch = start(rows);
        if (torch == null) {
            return;
        }
        try (torch) {
            for (Pairing pairing : PAIRINGS) {
                String refusal = pairing.ours().refusal(subject);
                if (refusal != null) {
                    rows.skipped(name() + "." + pairing.theirs(), "ours: " + refusal);
                    continue;
                }
                for (Scale.Training training : scale.trainings()) {
                    compare(rows, torch, pairing, training);
                }
            }
        }
    }

    /** Returns null, with a row that says why, where there is no PyTorch that can be compared with. */
    private PeerProcess start(Rows rows) {
        PeerProcess torch = null;
        try {
            torch = PeerProcess.start("PyTorch", command, Map.of(), log);
            rows.note("%s", torch.ask("about", "about"));
            return torch;
        } catch (RuntimeException e) { // not installed, or sees no GPU
            rows.skipped(name(), "%s", e.getMessage());
            if (torch != null) {
                torch.close();
            }
            return null;
        }
    }

    private void compare(Rows rows, PeerProcess torch, Pairing pairing, Scale.Training training) {
        String row = name() + "." + training + "." + pairing.theirs();
        double warmUp = WARM_UP * scale.seconds();
        try (Session session = pairing.ours().open(subject);
                Workload ours = SpeedCheck.training(session, pairing.ours(), training.net(), training.batch())) {
            String[] ready = torch.ask(
                            String.join(
                                    " ",
                                    "prepare",
                                    training.net(),
                                    pairing.theirs(),
                                    Integer.toString(training.batch()),
                                    Double.toString(warmUp)),
                            "ready")
                    .split(" ", 2);
            long parameters = parameters(training.net());
            if (!ready[0].equals(Long.toString(parameters))) {
                rows.failed(row, "PyTorch's net has %s parameters and ours %d: they differ", ready[0], parameters);
                return;
            }
            ours.rate(warmUp);
            PeerRatio.Result result =
                    new Turns(row, scale.rounds()).run(() -> ours.rate(scale.seconds()), () -> rate(torch));
            add(rows, row, result, pairing, ready.length == 1 ? "" : ready[1]);
        }
    }

    private static long parameters(String net) {
        try (Session meta = Session.meta(DType.FLOAT32);
                Model model = Model.create(meta, Models.byName(net, CLASSES), 1)) {
            return model.parameterCount();
        }
    }

    private double rate(PeerProcess torch) {
        return Double.parseDouble(torch.ask("run " + scale.seconds(), "rate"));
    }

    private void add(Rows rows, String row, PeerRatio.Result r, Pairing pairing, String note) {
        rows.measured(
                row,
                Turns.numbers(r),
                "ours (%s) %,.0f, PyTorch (%s) %,.0f images/s: ratio %.2f (%.2f to %.2f)",
                pairing.ours(),
                r.ours(),
                note,
                r.peer(),
                r.ratio(),
                r.low(),
                r.high());
    }
}
