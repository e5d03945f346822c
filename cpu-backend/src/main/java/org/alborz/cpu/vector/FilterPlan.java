package org.alborz.cpu.vector;

import java.util.Arrays;

/**
 * The gradient with respect to the weights as a matrix product over pixels: which number of the image each weight of a group meets,
 * and where each pixel lies.
 *
 * @param source the images that are read
 * @param terms weights of a group for one output channel: KH · KW · C / groups
 * @param rows for each such weight how far its number lies from the pixel's first
 * @param targets for each such weight the start of its row in a part of the result, whose rows hold {@code width} numbers
 * @param steps for each pixel its first number
 * @param width output channels of a group, rounded up to whole vectors
 */
record FilterPlan(Frame source, int terms, int[] rows, int[] targets, int[] steps, int width) {
    static FilterPlan of(Conv2dShape s) {
        GatherPlan forward = GatherPlan.forward(s);
        GatherPlan.Phase phase = forward.phases().get(0);
        int terms = phase.steps().length;
        int width = Lanes.wholeVectors(s.outputsPerGroup());
        int[] rows = new int[GatherPlan.tableLength(terms)];
        int[] targets = new int[rows.length];
        for (int i = 0; i < rows.length; i++) {
            int real = Math.min(i, terms - 1);
            rows[i] = phase.steps()[real];
            targets[i] = real * width;
        }
        int[] steps = Arrays.copyOf(phase.rows(), phase.pixels());
        return new FilterPlan(forward.source(), terms, rows, targets, steps, width);
    }
}
