package org.alborz.cpu.vector;

import org.alborz.backend.Operand;
import org.alborz.type.Activation;
import org.alborz.type.Conv2dParameters;
import org.alborz.type.Shape;

/**
 * A convolution whose every channel has one filter of its own, or its gradient with respect to the images: vectors over the channels,
 * which images and weights {@code [KH][KW][C]} have innermost. Made once for the sizes of a convolution and run for each of its batches, so
 * that a run makes no objects.
 */
interface Depthwise {
    /** Tells whether a convolution has one filter for each of several channels. */
    static boolean isFor(Conv2dParameters p, Shape x, Shape y) {
        return p.groups() > 1 && p.groups() == x.size(1) && p.groups() == y.size(1);
    }

    static Depthwise forward(WorkerPool workers, Conv2dShape s) {
        return Depthwise3x3.isFor(s) ? Depthwise3x3.forward(workers, s) : DepthwiseConvolution.forward(workers, s);
    }

    static Depthwise backwardData(WorkerPool workers, Conv2dShape s) {
        return Depthwise3x3.isForBackwardData(s)
                ? Depthwise3x3.backwardData(workers, s)
                : DepthwiseConvolution.backwardData(workers, s);
    }

    /**
     * Computes the target of a batch of any size.
     *
     * @param bias what the sums start from, or null for 0
     * @param addend what is added to each result, or null for 0
     */
    void run(Operand from, Operand w, Operand bias, Operand addend, Activation activation, Operand into);
}
