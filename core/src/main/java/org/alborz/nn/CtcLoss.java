package org.alborz.nn;

import org.alborz.tensor.Scope;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/**
 * Connectionist temporal classification (Graves et al. 2006): the negative log-probability of a sequence of labels under all its alignments with a
 * longer sequence of outputs, computed with logarithms. Everything is computed on the device, with a few operations for each time step.
 *
 * <p>The tensors are log-probabilities {@code [N, T, C]}, the sample first ({@code transpose(0, 1)} of what PyTorch takes); labels
 * {@code [N, L]}, int32 or int64, with any values after their ends; the lengths {@code [N]} of the outputs, from 0 to T, and of the labels,
 * from 0 to L. A sample whose labels do not fit into its outputs has the loss ∞ and the gradient 0.
 *
 * @param blank the class that means no label; 0 is usual
 * @param zeroInfinity whether a loss of ∞ counts as 0
 */
public record CtcLoss(int blank, boolean zeroInfinity) {
    /** The logarithm of what is impossible: finite, so that no difference of two is NaN. */
    private static final double IMPOSSIBLE = -1e30;

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
     * @throws IndexOutOfBoundsException if a label is none of the C classes, on CUDA at the next wait for the device
     */
    public Tensor terms(Tensor logProbabilities, Tensor labels, Tensor inputLengths, Tensor labelLengths) {
        try (Scope scope = logProbabilities.session().scope("ctc")) {
            Tensor logs = LossInput.wide("ctc", LossInput.of(logProbabilities));
            require(logs, labels, inputLengths, labelLengths);
            return scope.keep(losses(logs, labels.to(DType.INT32), inputLengths, labelLengths.to(DType.INT32)));
        }
    }

    private Tensor losses(Tensor logs, Tensor labels, Tensor inputLengths, Tensor labelLengths) {
        int samples = logs.shape().size(0);
        int times = logs.shape().size(1);
        int states = 2 * labels.shape().size(1) + 1;
        DType type = logs.dtype();
        Tensor impossible = LossInput.scalar(logs.session(), type, IMPOSSIBLE);
        Tensor path = path(labels, labelLengths);
        Tensor emissions = emissions(logs, path);
        Tensor skips = skips(path);
        Tensor before = filled(logs, type, Shape.of(samples, 2), IMPOSSIBLE);
        // From the first state, a blank, the first output leads to it or to the first label.
        Tensor alpha = Tensor.concat(
                1,
                filled(logs, type, Shape.of(samples, 1), 0),
                filled(logs, type, Shape.of(samples, states - 1), IMPOSSIBLE));
        for (int t = 0; t < times; t++) {
            try (Scope scope = logs.session().scope("ctc step");
                    Tensor last = alpha) {
                Tensor next = next(last, before, skips, impossible).add(emissions.select(0, t));
                Tensor isOutput = inputLengths.gt(t).reshape(samples, 1);
                alpha = scope.keep(Tensor.where(isOutput, next.maximum(IMPOSSIBLE), last));
            }
        }
        return losses(alpha, labelLengths);
    }

    /**
     * Returns the logarithm of the sum of the ways into each state: from itself, the one before, and where a blank may be left out the one
     * before that.
     */
    private static Tensor next(Tensor alpha, Tensor before, Tensor skips, Tensor impossible) {
        int states = alpha.shape().size(1);
        Tensor padded = Tensor.concat(1, before, alpha);
        Tensor one = padded.narrow(1, 1, states);
        Tensor two = Tensor.where(skips, padded.narrow(1, 0, states), impossible);
        Tensor largest = alpha.detach().maximum(one.detach()).maximum(two.detach());
        Tensor sum = alpha.sub(largest)
                .exp()
                .add(one.sub(largest).exp())
                .add(two.sub(largest).exp());
        return sum.log().add(largest);
    }

    /** Returns the class of each state, {@code [N, 2·L + 1]}: labels with blanks around them, and blanks after their end. */
    private Tensor path(Tensor labels, Tensor lengths) {
        int samples = labels.shape().size(0);
        int most = labels.shape().size(1);
        Tensor blanks = filled(labels, DType.INT32, Shape.of(samples, most), blank);
        Tensor place = labels.session().empty(DType.INT32, Layout.rowMajor(Shape.of(most)));
        for (int i = 0; i < most; i++) {
            place.narrow(0, i, 1).fill(i);
        }
        Tensor inside = place.reshape(1, most).expand(Shape.of(samples, most)).lt(lengths.reshape(samples, 1));
        Tensor named = Tensor.where(inside, labels, blanks);
        Tensor pairs = Tensor.concat(2, blanks.reshape(samples, most, 1), named.reshape(samples, most, 1));
        Tensor last = filled(labels, DType.INT32, Shape.of(samples, 1), blank);
        return Tensor.concat(1, pairs.reshape(samples, 2 * most), last);
    }

    /** Returns the log-probability of each state's class at each time, {@code [T, N, 2·L + 1]}. */
    private static Tensor emissions(Tensor logs, Tensor path) {
        int samples = logs.shape().size(0);
        int times = logs.shape().size(1);
        int classes = logs.shape().size(2);
        int states = path.shape().size(1);
        Tensor first = path.session().empty(DType.INT32, Layout.rowMajor(Shape.of(samples, 1)));
        for (int n = 0; n < samples; n++) {
            first.narrow(0, n, 1).fill(n * classes);
        }
        // Rows [N·C, T], so that a state's row is gathered for all times at once.
        Tensor rows = logs.maximum(IMPOSSIBLE).transpose(1, 2).reshape(samples * classes, times);
        // Refuses a label that is no class, which would be found in the rows of another sample.
        Tensor none = filled(path, DType.INT32, Shape.of(classes), 0).gather(0, path);
        Tensor gathered = rows.gather(0, path.add(none).add(first).reshape(-1));
        return gathered.reshape(samples, states, times)
                .permute(2, 0, 1)
                .to(Layout.rowMajor(Shape.of(times, samples, states)));
    }

    /** Returns which states can follow the one two before: labels that differ from the label before, {@code [N, 2·L + 1]}. */
    private Tensor skips(Tensor path) {
        int samples = path.shape().size(0);
        int states = path.shape().size(1);
        Tensor none = filled(path, DType.BOOL, Shape.of(samples, Math.min(2, states)), 0);
        if (states < 3) {
            return none.narrow(1, 0, states);
        }
        Tensor later = path.narrow(1, 2, states - 2);
        Tensor differ = later.ne(path.narrow(1, 0, states - 2)).and(later.ne(blank));
        return Tensor.concat(1, none, differ);
    }

    /** Returns −ln of the sum of the last two states of each sample: its last label and the blank after it. */
    private Tensor losses(Tensor alpha, Tensor lengths) {
        Tensor end = lengths.mul(2);
        Tensor impossible = LossInput.scalar(alpha.session(), alpha.dtype(), IMPOSSIBLE);
        Tensor isLast =
                LossInput.isOwn(alpha, end).or(LossInput.isOwn(alpha, end.sub(1).maximum(0)));
        Tensor losses =
                Tensor.where(isLast, alpha, impossible).logSumExp(false, 1).neg();
        Tensor isInfinite = losses.gt(-IMPOSSIBLE / 10);
        double instead = zeroInfinity ? 0 : Double.POSITIVE_INFINITY;
        return Tensor.where(isInfinite, LossInput.scalar(losses.session(), losses.dtype(), instead), losses);
    }

    private static Tensor filled(Tensor like, DType type, Shape shape, double value) {
        return like.session().empty(type, Layout.rowMajor(shape)).fill(value);
    }

    private void require(Tensor logs, Tensor labels, Tensor inputLengths, Tensor labelLengths) {
        boolean fits = logs.shape().rank() == 3
                && labels.shape().rank() == 2
                && labels.shape().size(0) == logs.shape().size(0);
        for (Tensor whole : new Tensor[] {labels, inputLengths, labelLengths}) {
            fits &= whole.dtype() == DType.INT32 || whole.dtype() == DType.INT64;
        }
        for (Tensor lengths : new Tensor[] {inputLengths, labelLengths}) {
            fits = fits && lengths.shape().equals(Shape.of(logs.shape().size(0)));
        }
        if (!fits) {
            throw new IllegalArgumentException(
                    "ctc expects log-probabilities [N, T, C], and as int32 or int64 labels [N, L]"
                            + " and lengths [N] of both, got " + logs.describe() + ", " + labels.describe() + ", "
                            + inputLengths.describe() + " and " + labelLengths.describe());
        }
        if (blank >= logs.shape().size(2)) {
            throw new IllegalArgumentException(
                    "ctc expects a blank that is one of the " + logs.shape().size(2) + " classes, got " + blank);
        }
    }
}
