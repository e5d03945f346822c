package org.alborz.cpu.vector;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One axis of a depthwise convolution: from which sources target {@code t} is summed, which are {@code bases[t] + moves[kind][k]} with
 * weight {@code taps[kind][k]}, where {@code kind = kinds[t]}. Targets in the middle of an image are of one kind, those at its borders
 * have fewer taps.
 *
 * @param phases how far the next target is whose taps may be the same
 * @param sourceStep how far its sources are from this one's
 */
record DepthwiseAxis(int[] bases, int[] kinds, int[][] taps, int[][] moves, int phases, int sourceStep) {
    /** Returns the axis of a forward pass, from an axis of {@code size} elements to one of {@code results}. */
    static DepthwiseAxis forward(int size, int results, int kernel, int stride, int padding, int dilation) {
        Builder builder = new Builder(results);
        for (int i = 0; i < results; i++) {
            int base = i * stride - padding;
            builder.begin(i, base);
            for (int u = 0; u < kernel; u++) {
                int source = base + u * dilation;
                if (source >= 0 && source < size) {
                    builder.tap(u, u * dilation);
                }
            }
            builder.end(i);
        }
        return builder.build(1, stride);
    }

    /** Returns the axis of the gradient with respect to the images, from {@code results} to {@code size} elements. */
    static DepthwiseAxis backwardData(int size, int results, int kernel, int stride, int padding, int dilation) {
        Builder builder = new Builder(size);
        for (int t = 0; t < size; t++) {
            int base = t / stride;
            builder.begin(t, base);
            for (int u = 0; u < kernel; u++) {
                long from = (long) t + padding - (long) u * dilation;
                if (from >= 0 && from % stride == 0 && from / stride < results) {
                    builder.tap(u, (int) (from / stride) - base);
                }
            }
            builder.end(t);
        }
        return builder.build(stride, 1);
    }

    int targets() {
        return bases.length;
    }

    /** Returns how many of the {@code most} targets from one on, each {@link #phases} further, are of its kind. */
    int alike(int target, int most) {
        int count = 1;
        int next = target + phases;
        while (count < most && next < kinds.length && kinds[next] == kinds[target]) {
            count++;
            next += phases;
        }
        return count;
    }

    private static final class Builder {
        private final int[] bases;
        private final int[] kinds;
        private final List<int[]> taps = new ArrayList<>();
        private final List<int[]> moves = new ArrayList<>();
        private final List<Integer> tap = new ArrayList<>();
        private final List<Integer> move = new ArrayList<>();

        Builder(int targets) {
            bases = new int[targets];
            kinds = new int[targets];
        }

        void begin(int target, int base) {
            bases[target] = base;
            tap.clear();
            move.clear();
        }

        void tap(int u, int moved) {
            tap.add(u);
            move.add(moved);
        }

        void end(int target) {
            int[] u = tap.stream().mapToInt(i -> i).toArray();
            int[] moved = move.stream().mapToInt(i -> i).toArray();
            for (int kind = taps.size() - 1; kind >= 0; kind--) {
                if (Arrays.equals(u, taps.get(kind)) && Arrays.equals(moved, moves.get(kind))) {
                    kinds[target] = kind;
                    return;
                }
            }
            kinds[target] = taps.size();
            taps.add(u);
            moves.add(moved);
        }

        DepthwiseAxis build(int phases, int sourceStep) {
            return new DepthwiseAxis(
                    bases, kinds, taps.toArray(int[][]::new), moves.toArray(int[][]::new), phases, sourceStep);
        }
    }
}
