package org.alborz.cpu.scalar;

import java.util.Arrays;
import org.alborz.backend.Operand;
import org.alborz.backend.Pooling;
import org.alborz.cpu.memory.CpuBuffer;
import org.alborz.type.Pool2dParameters;
import org.alborz.type.PoolAxis;
import org.alborz.type.Shape;

/** Pooling by its definition, window by window and channel by channel. */
public final class ScalarPooling implements Pooling {
    private static final int NONE = -1;

    private final RowBuffer image = new RowBuffer();

    /** The sizes of one pooling; images are indexed {@code [n][h][w][c]}. */
    private record Geometry(
            Pool2dParameters p, PoolAxis down, PoolAxis across, int images, int channels, int outputH, int outputW) {
        static Geometry of(Pool2dParameters p, Shape x, Shape y) {
            return new Geometry(p, p.rows(x.size(2)), p.columns(x.size(3)), x.size(0), x.size(1), y.size(2), y.size(3));
        }

        // The part of a window that falls on the image: from row top(i) each dilationH-th up to before bottom(i), and
        // from column left(j) each dilationW-th up to before right(j).
        int top(int i) {
            return down.first(i);
        }

        int bottom(int i) {
            return down.first(i) + down.taps(i) * p.dilationH();
        }

        int left(int j) {
            return across.first(j);
        }

        int right(int j) {
            return across.first(j) + across.taps(j) * p.dilationW();
        }

        int imageSize() {
            return down.size() * across.size() * channels;
        }

        /** Returns the position of an element in its image. */
        int input(int row, int column, int c) {
            return (row * across.size() + column) * channels + c;
        }

        int output(int n, int i, int j, int c) {
            return ((n * outputH + i) * outputW + j) * channels + c;
        }

        /** Returns what an average divides by. */
        double windowSize(int i, int j) {
            return (double) down.counted(i) * across.counted(j);
        }
    }

    /** What to do for one window of one channel. */
    private interface WindowAction {
        void accept(int n, int i, int j, int c);
    }

    private static void forEachWindow(Geometry g, WindowAction action) {
        for (int n = 0; n < g.images(); n++) {
            forEachWindow(g, n, action);
        }
    }

    private static void forEachWindow(Geometry g, int n, WindowAction action) {
        for (int i = 0; i < g.outputH(); i++) {
            for (int j = 0; j < g.outputW(); j++) {
                for (int c = 0; c < g.channels(); c++) {
                    action.accept(n, i, j, c);
                }
            }
        }
    }

    @Override
    public void max(Pool2dParameters p, Operand x, Operand y) {
        pick(p, x, x, y, Double.NEGATIVE_INFINITY);
    }

    @Override
    public void maxGather(Pool2dParameters p, Operand x, Operand y, Operand source, Operand picked) {
        pick(p, x, source, picked, 0);
    }

    /** Stores for each window the element of {@code source} at the maximum of {@code x}. */
    private static void pick(Pool2dParameters p, Operand x, Operand source, Operand y, double none) {
        Geometry g = Geometry.of(p, x.shape(), y.shape());
        CpuBuffer from = CpuBuffer.of(x);
        CpuBuffer values = CpuBuffer.of(source);
        CpuBuffer into = CpuBuffer.of(y);
        forEachWindow(g, (n, i, j, c) -> {
            int best = argMax(g, from, offset(x) + n * g.imageSize(), i, j, c);
            double picked = best == NONE ? none : values.get(offset(source) + n * g.imageSize() + best);
            into.set(offset(y) + g.output(n, i, j, c), picked);
        });
    }

    @Override
    public void maxBackward(Pool2dParameters p, Operand x, Operand y, Operand dy, Operand dx) {
        Geometry g = Geometry.of(p, x.shape(), dy.shape());
        CpuBuffer from = CpuBuffer.of(x);
        CpuBuffer gradients = CpuBuffer.of(dy);
        double[] sums = image.of(g.imageSize());
        WindowAction addGradient = (n, i, j, c) -> {
            int best = argMax(g, from, offset(x) + n * g.imageSize(), i, j, c);
            if (best != NONE) {
                sums[best] += gradients.get(offset(dy) + g.output(n, i, j, c));
            }
        };
        gatherImages(g, addGradient, sums, dx);
    }

    /** Returns the position in its image of a window's first maximum, or of its first NaN. */
    private static int argMax(Geometry g, CpuBuffer x, int imageAt, int i, int j, int c) {
        int best = NONE;
        double largest = 0;
        for (int row = g.top(i); row < g.bottom(i); row += g.p().dilationH()) {
            for (int column = g.left(j); column < g.right(j); column += g.p().dilationW()) {
                int at = g.input(row, column, c);
                double value = x.get(imageAt + at);
                if (best == NONE || value > largest || Double.isNaN(value)) {
                    best = at;
                    largest = value;
                }
                if (Double.isNaN(value)) {
                    return best;
                }
            }
        }
        return best;
    }

    @Override
    public void average(Pool2dParameters p, Operand x, Operand y) {
        Geometry g = Geometry.of(p, x.shape(), y.shape());
        CpuBuffer from = CpuBuffer.of(x);
        CpuBuffer into = CpuBuffer.of(y);
        forEachWindow(g, (n, i, j, c) -> {
            int imageAt = offset(x) + n * g.imageSize();
            double mean = sumOfQuotients(g, from, imageAt, i, j, c, 1) / g.windowSize(i, j);
            if (!Double.isFinite(mean)) { // the sum may be beyond float64 where the mean is not
                mean = sumOfQuotients(g, from, imageAt, i, j, c, g.windowSize(i, j));
            }
            into.set(offset(y) + g.output(n, i, j, c), mean);
        });
    }

    private static double sumOfQuotients(Geometry g, CpuBuffer x, int imageAt, int i, int j, int c, double divisor) {
        double sum = 0;
        for (int row = g.top(i); row < g.bottom(i); row += g.p().dilationH()) {
            for (int column = g.left(j); column < g.right(j); column += g.p().dilationW()) {
                sum += x.get(imageAt + g.input(row, column, c)) / divisor;
            }
        }
        return sum;
    }

    @Override
    public void averageBackward(Pool2dParameters p, Operand dy, Operand dx) {
        Geometry g = Geometry.of(p, dx.shape(), dy.shape());
        CpuBuffer gradients = CpuBuffer.of(dy);
        double[] sums = image.of(g.imageSize());
        WindowAction spread = (n, i, j, c) -> {
            double share = gradients.get(offset(dy) + g.output(n, i, j, c)) / g.windowSize(i, j);
            for (int row = g.top(i); row < g.bottom(i); row += g.p().dilationH()) {
                for (int column = g.left(j); column < g.right(j); column += g.p().dilationW()) {
                    sums[g.input(row, column, c)] += share;
                }
            }
        };
        gatherImages(g, spread, sums, dx);
    }

    /** Stores image by image what the windows add to {@code sums}. */
    private static void gatherImages(Geometry g, WindowAction addToSums, double[] sums, Operand dx) {
        for (int n = 0; n < g.images(); n++) {
            Arrays.fill(sums, 0, g.imageSize(), 0);
            forEachWindow(g, n, addToSums);
            CpuBuffer.of(dx).write(offset(dx) + n * g.imageSize(), 1, g.imageSize(), sums, 0);
        }
    }

    private static int offset(Operand operand) {
        return (int) operand.layout().offset();
    }
}
