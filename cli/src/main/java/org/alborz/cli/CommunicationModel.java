package org.alborz.cli;

import java.util.List;

/**
 * The α–β model of what messages cost: {@code alpha + beta · bytes} from one rank to the next (Hockney 1994; Thakur et al. 2005).
 *
 * @param alpha seconds that a message takes whatever its size
 * @param beta seconds a byte
 */
record CommunicationModel(double alpha, double beta) {
    /** Bytes of a piece of a sum, as {@code TcpCollective} sends them. */
    private static final double PIECE = 1 << 18;

    /** Small messages round the group in each step: the metrics of all, and whether to stop. */
    private static final int GATHERED = 2;

    /**
     * Returns the model whose times differ least from those measured, by the sum of the squares of relative differences.
     *
     * @param loads bytes that the busiest connection carries in each measurement
     * @param hops messages that follow each other in it
     * @param seconds that it took
     */
    static CommunicationModel fitted(List<Double> loads, List<Double> hops, List<Double> seconds) {
        // Normal equations of (hops·α + loads·β) / seconds = 1.
        double aa = 0;
        double ab = 0;
        double bb = 0;
        double a = 0;
        double b = 0;
        for (int i = 0; i < seconds.size(); i++) {
            double first = hops.get(i) / seconds.get(i);
            double second = loads.get(i) / seconds.get(i);
            aa += first * first;
            ab += first * second;
            bb += second * second;
            a += first;
            b += second;
        }
        double determinant = aa * bb - ab * ab;
        return new CommunicationModel((a * bb - b * ab) / determinant, (b * aa - a * ab) / determinant);
    }

    /** Returns how many messages follow each other in a sum over a chain: to the last rank, and round to the last that learns the result. */
    static double hops(int ranks) {
        return 2.0 * (ranks - 1);
    }

    /** Returns what the busiest connection carries: partial sums, and results of more than two ranks, and each piece's way through all others. */
    static double load(int ranks, double bytes) {
        return (ranks > 2 ? 2 : 1) * bytes + hops(ranks) * Math.min(bytes, PIECE);
    }

    /** Returns the seconds of a sum as {@code TcpCollective} makes it, in the order of the ranks. */
    double chain(int ranks, double bytes) {
        return ranks == 1 ? 0 : hops(ranks) * alpha + load(ranks, bytes) * beta;
    }

    /** Returns the seconds of a ring's reduce-scatter and all-gather, {@code 2(n − 1)/n} of the bytes (Patarasuk and Yuan 2009). */
    double ring(int ranks, double bytes) {
        return hops(ranks) * (alpha + beta * bytes / ranks);
    }

    /** Returns the seconds of the messages of a step beside the gradients: states of layers from rank 0, metrics, and whether to stop. */
    double rest(int ranks, double stateBytes) {
        double gathered = GATHERED * (ranks - 1.0) * alpha;
        double broadcast =
                stateBytes == 0 ? 0 : (ranks - 1) * (alpha + beta * Math.min(stateBytes, PIECE)) + beta * stateBytes;
        return ranks == 1 ? 0 : gathered + broadcast;
    }
}
