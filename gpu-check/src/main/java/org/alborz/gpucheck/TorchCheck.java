package org.alborz.gpucheck;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.alborz.cli.PeerProcess;
import org.alborz.cli.PeerRatio;
import org.alborz.cli.PeerWork;
import org.alborz.cli.Workload;
import org.alborz.tensor.Session;

/**
 * Compares the training of {@code cifar-cnn} with PyTorch's, which a Python process of its own does.
 *
 * <p>In each round both train, one directly after the other and in the next round the other way about, so that a GPU that slows down
 * slows both; the ratio is taken round by round.
 */
final class TorchCheck implements Check {
    private static final String NET = "cifar-cnn";

    /** How many rounds' time a contestant warms up for. */
    private static final int WARM_UP = 3;

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
                for (int batch : scale.batches()) {
                    compare(rows, torch, pairing, batch);
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

    private void compare(Rows rows, PeerProcess torch, Pairing pairing, int batch) {
        String row = name() + "." + NET + "-" + batch + "." + pairing.theirs();
        PeerRatio ratio = new PeerRatio(new PeerWork(row, "images/s", null));
        double warmUp = WARM_UP * scale.seconds();
        try (Session session = pairing.ours().open(subject);
                Workload ours = SpeedCheck.training(session, pairing.ours(), NET, batch)) {
            String note = torch.ask("prepare " + pairing.theirs() + " " + batch + " " + warmUp, "ready");
            ours.rate(warmUp);
            for (int round = 0; round < scale.rounds(); round++) {
                boolean first = round % 2 == 0;
                double theirs = first ? 0 : rate(torch);
                double our = ours.rate(scale.seconds());
                ratio.add(our, first ? rate(torch) : theirs);
            }
            add(rows, row, ratio.result(), pairing, note);
        }
    }

    private double rate(PeerProcess torch) {
        return Double.parseDouble(torch.ask("run " + scale.seconds(), "rate"));
    }

    private void add(Rows rows, String row, PeerRatio.Result r, Pairing pairing, String note) {
        rows.measured(
                row,
                Map.of("ours", r.ours(), "theirs", r.peer(), "ratio", r.ratio(), "low", r.low(), "high", r.high()),
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
