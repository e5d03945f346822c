package org.alborz.cpu.vector;

import java.util.ArrayList;
import java.util.List;

/**
 * A convolution as matrix products that read their left matrix in place: which source pixel and which weight meet in which result.
 *
 * <p>The forward pass is one such product. The gradient with respect to the input is one for each remainder of row and column by the
 * stride ("phase"), since results of a phase share their weights; weights that meet no result of a phase take no part in it.
 *
 * @param source the images that are read
 * @param phases the products
 * @param sourcesPerGroup channels of the source in a group
 * @param targetsPerGroup channels of the result in a group
 * @param targetSize numbers in an image of the result
 */
record IndirectConvolutionPlan(
        Frame source, List<Phase> phases, int sourcesPerGroup, int targetsPerGroup, int targetSize) {
    /** Terms of a run from which on rows are read in place. */
    private static final int LEAST_RUN = 16;

    /**
     * One product.
     *
     * @param pixels how many results
     * @param rows for each result the source's first number, by {@link IndirectConvolutionTile}'s rules
     * @param targets for each result its first number
     * @param taps the weights that take part, as {@code u·KW + v}
     * @param steps for each tap and each channel of a group how far its number is from the first
     * @param run how many steps follow each other each time
     * @param runs the first step of each run; 0 where there is none
     */
    record Phase(int pixels, int[] rows, int[] targets, int[] taps, int[] steps, int run, int[] runs) {
        static Phase of(int pixels, int[] rows, int[] targets, int[] taps, int[] steps) {
            int run = run(steps);
            int[] runs = new int[run == 0 ? 1 : steps.length / run];
            for (int i = 0; run > 0 && i < runs.length; i++) {
                runs[i] = steps[i * run];
            }
            return new Phase(pixels, rows, targets, taps, steps, run, runs);
        }

        /** Returns the greatest length of runs of adjacent steps, one behind the other, that all steps can be cut into. */
        private static int run(int[] steps) {
            int run = 0;
            while (run < steps.length && steps[run] == steps[0] + run) {
                run++;
            }
            while (run > 1 && !areRuns(steps, run)) {
                run--;
            }
            return run;
        }

        private static boolean areRuns(int[] steps, int run) {
            for (int i = 0; i < steps.length; i++) {
                if (steps[i] != steps[i - i % run] + i % run) {
                    return false;
                }
            }
            return steps.length % run == 0;
        }

        /** Returns how many terms weights are packed for: those of whole runs. */
        int packedTerms() {
            return Gemm.roundUp(steps.length, MicroKernels.RUN_TERMS);
        }

        /** Tells whether the rows have to be copied so that their terms are adjacent, as the kernel would spend its time on starting runs. */
        boolean isCopied() {
            return run % MicroKernels.RUN_TERMS != 0 || runs.length > 1 && run < LEAST_RUN;
        }

        /** Returns the frame's first row that results {@code from} and later read. */
        int firstRow(int from, int pitch) {
            return (rows[from] + steps[0]) / pitch;
        }

        /** Returns the frame's last row that results before {@code to} read. */
        int lastRow(int to, int pitch) {
            return (rows[to - 1] + steps[steps.length - 1]) / pitch;
        }
    }

    /** Tells whether this is one product of matrices whose rows are adjacent pixels: a convolution of 1×1 that visits each of them. */
    boolean isProduct() {
        if (phases.size() != 1 || source.isNeeded() || source.channels() != sourcesPerGroup) {
            return false;
        }
        Phase phase = phases.get(0);
        return phase.taps().length == 1
                && phase.pixels() * sourcesPerGroup == source.imageSize()
                && phase.pixels() * targetsPerGroup == targetSize;
    }

    static IndirectConvolutionPlan forward(Conv2dShape s) {
        var p = s.p();
        int lastY = (s.oh() - 1) * p.strideH()
                + (s.kh() - 1) * p.dilationH()
                - p.padding().top();
        int lastX = (s.ow() - 1) * p.strideW()
                + (s.kw() - 1) * p.dilationW()
                - p.padding().left();
        Frame frame = frame(s.c(), s.h(), s.w(), p.padding().top(), p.padding().left(), lastY, lastX);
        int[] rows = new int[tableLength(s.oh() * s.ow())];
        int[] targets = new int[rows.length];
        for (int pixel = 0; pixel < rows.length; pixel++) {
            // Beyond the last result the last one is computed again.
            int real = Math.min(pixel, s.oh() * s.ow() - 1);
            int i = real / s.ow() * p.strideH();
            int j = real % s.ow() * p.strideW();
            rows[pixel] = i * frame.pitch() + j * s.c();
            targets[pixel] = real * s.o();
        }
        int[] taps = new int[s.kh() * s.kw()];
        int[] places = new int[taps.length];
        for (int tap = 0; tap < taps.length; tap++) {
            taps[tap] = tap;
            places[tap] = tap / s.kw() * p.dilationH() * frame.pitch() + tap % s.kw() * p.dilationW() * s.c();
        }
        Phase phase = Phase.of(s.oh() * s.ow(), rows, targets, taps, steps(places, s.inputsPerGroup()));
        return new IndirectConvolutionPlan(
                frame, List.of(phase), s.inputsPerGroup(), s.outputsPerGroup(), s.oh() * s.ow() * s.o());
    }

    static IndirectConvolutionPlan backwardData(Conv2dShape s) {
        var p = s.p();
        Axis[] vertical = Axis.phases(s.h(), s.kh(), p.strideH(), p.padding().top(), p.dilationH());
        Axis[] horizontal = Axis.phases(s.w(), s.kw(), p.strideW(), p.padding().left(), p.dilationW());
        Frame frame = frame(
                s.o(),
                s.oh(),
                s.ow(),
                -Axis.least(vertical),
                -Axis.least(horizontal),
                Axis.most(vertical),
                Axis.most(horizontal));
        List<Phase> phases = new ArrayList<>();
        for (Axis y : vertical) {
            for (Axis x : horizontal) {
                if (y.count() > 0 && x.count() > 0) {
                    phases.add(backwardPhase(s, frame, y, x));
                }
            }
        }
        return new IndirectConvolutionPlan(
                frame, phases, s.outputsPerGroup(), s.inputsPerGroup(), s.h() * s.w() * s.c());
    }

    private static Phase backwardPhase(Conv2dShape s, Frame frame, Axis y, Axis x) {
        var p = s.p();
        int pixels = y.count() * x.count();
        int[] rows = new int[tableLength(pixels)];
        int[] targets = new int[rows.length];
        for (int pixel = 0; pixel < rows.length; pixel++) {
            int real = Math.min(pixel, pixels - 1);
            int i = real / x.count();
            int j = real % x.count();
            rows[pixel] = (frame.top() + i) * frame.pitch() + (frame.left() + j) * s.o();
            targets[pixel] = ((y.phase() + i * p.strideH()) * s.w() + x.phase() + j * p.strideW()) * s.c();
        }
        int count = y.taps().length * x.taps().length;
        int[] taps = new int[count];
        int[] places = new int[count];
        for (int k = 0; k < count; k++) {
            int u = k / x.taps().length;
            int v = k % x.taps().length;
            taps[k] = y.taps()[u] * s.kw() + x.taps()[v];
            places[k] = y.moves()[u] * frame.pitch() + x.moves()[v] * s.o();
        }
        return Phase.of(pixels, rows, targets, taps, steps(places, s.outputsPerGroup()));
    }

    /** Returns the frame that holds the image, the padding in front, and everything up to the last row and column. */
    static Frame frame(int channels, int height, int width, int top, int left, int lastY, int lastX) {
        return new Frame(
                channels,
                height,
                width,
                top,
                left,
                top + Math.max(height, lastY + 1),
                left + Math.max(width, lastX + 1));
    }

    /** Returns a length that whole blocks of either kind of tile divide. */
    static int tableLength(int rows) {
        return Gemm.roundUp(rows, IndirectConvolutionTile.NARROW_ROWS);
    }

    /** Returns {@code places[k] + channel} for each k and channel. */
    private static int[] steps(int[] places, int channels) {
        int[] steps = new int[places.length * channels];
        for (int i = 0; i < steps.length; i++) {
            steps[i] = places[i / channels] + i % channels;
        }
        return steps;
    }

    /**
     * One axis of a phase of the gradient: its results are at {@code phase + stride·t}, and a tap u meets result t in row
     * {@code t + move} of the source.
     *
     * @param count how many results
     * @param taps in the order of growing moves
     */
    private record Axis(int phase, int count, int[] taps, int[] moves) {
        static Axis[] phases(int size, int kernel, int stride, int padding, int dilation) {
            Axis[] phases = new Axis[Math.min(stride, size)];
            for (int phase = 0; phase < phases.length; phase++) {
                List<Integer> taps = new ArrayList<>();
                for (int u = kernel - 1; u >= 0; u--) {
                    if (Math.floorMod(phase + padding - u * dilation, stride) == 0) {
                        taps.add(u);
                    }
                }
                int[] order = taps.stream().mapToInt(u -> u).toArray();
                int[] moves = new int[order.length];
                for (int i = 0; i < moves.length; i++) {
                    moves[i] = (phase + padding - order[i] * dilation) / stride;
                }
                phases[phase] = new Axis(phase, Gemm.ceilDiv(size - phase, stride), order, moves);
            }
            return phases;
        }

        /** Returns the first row that any phase reads, at most 0. */
        static int least(Axis[] phases) {
            int least = 0;
            for (Axis axis : phases) {
                least = axis.moves.length == 0 ? least : Math.min(least, axis.moves[0]);
            }
            return least;
        }

        /** Returns the last row that any phase reads, at least 0. */
        static int most(Axis[] phases) {
            int most = 0;
            for (Axis axis : phases) {
                int taps = axis.moves.length;
                most = taps == 0 ? most : Math.max(most, axis.moves[taps - 1] + axis.count - 1);
            }
            return most;
        }
    }
}
