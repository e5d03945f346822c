package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.MicroKernels.CHUNK;

import java.util.Arrays;
import org.alborz.cpu.vector.ConvolutionPacking.Pieces;

/**
 * The gradient with respect to the weights as a matrix product over pixels: which number of the image each weight of a group meets,
 * and the position of each pixel.
 *
 * @param source the images that are read
 * @param terms weights of a group for one output channel: KH · KW · C / groups
 * @param chunks how far the numbers of these weights are from a pixel's first, in chunks
 * @param pixels of an image of the result
 * @param together how many images are summed in one go, so that small images make long sums too
 * @param steps for each pixel of that many images its first number
 * @param width output channels of a group, rounded up to whole vectors
 */
record FilterPlan(Frame source, int terms, Pieces[] chunks, int pixels, int together, int[] steps, int width) {
    /** Terms of a sum that make loading and storing its block cheap beside it. */
    private static final int LONG_SUM = 256;

    /** Returns how many rows a part of the result has for a group. */
    int rowsOfPart() {
        return chunks.length * CHUNK;
    }

    static FilterPlan of(Conv2dShape s) {
        IndirectConvolutionPlan forward = IndirectConvolutionPlan.forward(s);
        IndirectConvolutionPlan.Phase phase = forward.phases().get(0);
        int terms = phase.steps().length;
        int width = Lanes.wholeVectors(s.outputsPerGroup());
        Pieces[] chunks = new Pieces[Gemm.ceilDiv(terms, CHUNK)];
        for (int i = 0; i < chunks.length; i++) {
            chunks[i] = Pieces.of(Arrays.copyOfRange(phase.steps(), i * CHUNK, Math.min(terms, (i + 1) * CHUNK)));
        }
        int pixels = phase.pixels();
        int most = Math.max(1, Integer.MAX_VALUE / Math.max(1, forward.source().size()));
        int together = Math.min(Gemm.ceilDiv(LONG_SUM, pixels), most);
        int[] steps = new int[together * pixels];
        for (int i = 0; i < steps.length; i++) {
            steps[i] = i / pixels * forward.source().size() + phase.rows()[i % pixels];
        }
        return new FilterPlan(forward.source(), terms, chunks, pixels, together, steps, width);
    }
}
