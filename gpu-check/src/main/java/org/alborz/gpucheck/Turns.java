package org.alborz.gpucheck;

import java.util.Map;
import java.util.function.DoubleSupplier;
import org.alborz.cli.PeerRatio;
import org.alborz.cli.PeerWork;

/** Measures two trainings by turns, so that a GPU that slows down slows both; the ratio is taken round by round. */
final class Turns {
    private final PeerRatio ratio;
    private final int rounds;

    Turns(String row, int rounds) {
        this.ratio = new PeerRatio(new PeerWork(row, "images/s", null));
        this.rounds = rounds;
    }

    /** Measures both, one directly after the other and in the next round the other way about. */
    PeerRatio.Result run(DoubleSupplier ours, DoubleSupplier theirs) {
        for (int round = 0; round < rounds; round++) {
            boolean first = round % 2 == 0;
            double before = first ? 0 : theirs.getAsDouble();
            double our = ours.getAsDouble();
            ratio.add(our, first ? theirs.getAsDouble() : before);
        }
        return ratio.result();
    }

    /** Returns a result for machines. */
    static Map<String, Double> numbers(PeerRatio.Result r) {
        return Map.of("ours", r.ours(), "theirs", r.peer(), "ratio", r.ratio(), "low", r.low(), "high", r.high());
    }
}
