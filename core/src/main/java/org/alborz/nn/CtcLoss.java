package org.alborz.nn;

import org.alborz.ops.CtcOp;
import org.alborz.ops.Engine;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Tensor;

/**
 * Connectionist temporal classification (Graves et al. 2006): the negative log-probability of a sequence of labels under all its alignments π with a
 * longer sequence of outputs, {@code −ln Σ exp(Σ x[t, π(t)])} over all π and the steps t of each, computed on the device with logarithms and sums of float64, all samples at a time.
 *
 * <p>The tensors are log-probabilities {@code [N, T, C]}, the sample first ({@code transpose(0, 1)} of what PyTorch takes); labels
 * {@code [N, L]}, int32 or int64, with any values after their ends; the lengths {@code [N]} of the outputs, from 0 to T, and of the labels,
 * from 0 to L. A sample whose labels do not fit into its outputs has the loss ∞ and the gradient 0.
 *
 * @param blank the class that means no label; 0 is usual
 * @param zeroInfinity whether a loss of ∞ counts as 0
 */
public record CtcLoss(int blank, boolean zeroInfinity) {
    public CtcLoss {
        if (blank < 0) {
            throw new IllegalArgumentException("ctc expects a blank of at least 0, got " + blank);
        }
    }

    /** Makes one with blank 0 that keeps infinite losses. */
    public CtcLoss() {
        this(0, false);
    }

    /** Computes the mean of the losses, each divided by the number of its labels or 1, as PyTorch's reduction "mean" does. */
    public Tensor of(Tensor logProbabilities, Tensor labels, Tensor inputLengths, Tensor labelLengths) {
        Tensor terms = terms(logProbabilities, labels, inputLengths, labelLengths);
        Tensor lengths = labelLengths.to(terms.dtype()).maximum(1);
        return terms.div(lengths).mean().to(LossInput.of(logProbabilities).dtype());
    }

    /** Computes the sum of the losses. */
    public Tensor sum(Tensor logProbabilities, Tensor labels, Tensor inputLengths, Tensor labelLengths) {
        return terms(logProbabilities, labels, inputLengths, labelLengths)
                .sum()
                .to(LossInput.of(logProbabilities).dtype());
    }

    /**
     * Computes the loss of each sample, {@code [N]}, in float32 where outputs have 16 bits.
     *
     * @throws IndexOutOfBoundsException if a label is none of the C classes, or a length is not from 0 to T or L; on CUDA at the next wait
     *     for the device
     */
    public Tensor terms(Tensor logProbabilities, Tensor labels, Tensor inputLengths, Tensor labelLengths) {
        try (Scope scope = logProbabilities.session().scope("ctc")) {
            Tensor logs = LossInput.wide("ctc", LossInput.of(logProbabilities));
            Tensor losses = Engine.apply(new CtcOp(blank), logs, labels, inputLengths, labelLengths);
            if (!zeroInfinity) {
                return scope.keep(losses);
            }
            Tensor zero = LossInput.scalar(losses.session(), losses.dtype(), 0);
            return scope.keep(Tensor.where(losses.eq(Double.POSITIVE_INFINITY), zero, losses));
        }
    }
}
