package org.alborz.examples.lessons;

import java.nio.DoubleBuffer;
import org.alborz.autograd.Tape;
import org.alborz.nn.Loss;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Tensor;

/**
 * The softmax loss of a linear classifier as a function of its weights, with its gradient by the chain rule and by differences.
 *
 * @param x samples, whose type is the one that the loss is computed in
 */
record SoftmaxLoss(Tensor x, Tensor labels) {
    Tensor of(Tensor w) {
        return Loss.crossEntropy().of(x.matmul(w.to(x.dtype()).mT()), labels);
    }

    /** Returns the analytic gradient, by the chain rule. */
    Tensor gradient(Tensor w) {
        try (Tape tape = new Tape(w.session())) {
            Tensor watched = tape.watch(w);
            return tape.gradients(of(watched), watched).of(watched);
        }
    }

    /**
     * Returns (f(w + h) - f(w - behind)) / (h + behind), moving each number of w by itself: the forward difference with {@code behind} 0,
     * the central one with h.
     *
     * @param w float64
     */
    double[] difference(Tensor w, double h, double behind) {
        double[] gradient = new double[(int) w.shape().elements()];
        for (int i = 0; i < gradient.length; i++) {
            gradient[i] = (moved(w, i, h) - moved(w, i, -behind)) / (h + behind);
        }
        return gradient;
    }

    private double moved(Tensor w, int i, double by) {
        try (Scope scope = w.session().scope("moved")) {
            double[] values = w.toDoubles();
            values[i] += by;
            return of(w.add(0).assignRowMajor(DoubleBuffer.wrap(values))).item();
        }
    }

    /** Returns the relative error |a - n| / (|a| + |n|) over all numbers together. */
    static double error(double[] analytic, double[] numeric) {
        double apart = 0;
        double size = 0;
        for (int i = 0; i < analytic.length; i++) {
            apart += Math.pow(analytic[i] - numeric[i], 2);
            size += Math.pow(Math.abs(analytic[i]) + Math.abs(numeric[i]), 2);
        }
        return Math.sqrt(apart / size);
    }
}
