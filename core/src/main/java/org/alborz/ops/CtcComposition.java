package org.alborz.ops;

import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/**
 * Connectionist temporal classification of other operations, a few for each time step: for backends without {@link org.alborz.backend.Ctc}, which is
 * checked against it, and for gradients of the gradient. The states of a sample are its labels with blanks around them; α is the
 * log-probability of all ways that lead to a state, β that of all ways from it to the end.
 */
public final class CtcComposition {
    /** The logarithm of what is impossible: finite, so that no difference of two is NaN. */
    private static final double IMPOSSIBLE = -1e30;

    private final Tensor logs;
    private final Tensor inputLengths;
    private final Tensor labelLengths;
    private final Tensor path;
    private final Tensor emissions;
    private final Tensor skips;
    private final int samples;
    private final int times;
    private final int states;

    /** Takes what {@link CtcOp} does; sums of 16 bits are of float32. */
    public CtcComposition(int blank, Tensor logs, Tensor labels, Tensor inputLengths, Tensor labelLengths) {
        this.logs = logs.to(logs.dtype().accumulator());
        samples = logs.shape().size(0);
        times = logs.shape().size(1);
        states = 2 * labels.shape().size(1) + 1;
        this.inputLengths = checked(inputLengths, times + 1);
        this.labelLengths = checked(labelLengths, labels.shape().size(1) + 1);
        path = path(blank, labels);
        emissions = emissions();
        skips = skips(blank);
    }

    /** Looks lengths up, so that one outside of 0 to {@code size} − 1 is refused. */
    private static Tensor checked(Tensor lengths, int size) {
        return lengths.session().arange(size).gather(0, lengths);
    }

    /** Returns the class of each state, {@code [N, 2·L + 1]}; blanks after their end. */
    private Tensor path(int blank, Tensor labels) {
        int most = labels.shape().size(1);
        Tensor blanks = filled(DType.INT32, Shape.of(samples, most), blank);
        Tensor inside = session().arange(most).reshape(1, most).lt(labelLengths.reshape(samples, 1));
        Tensor named = Tensor.where(inside, labels, blanks);
        Tensor pairs = Tensor.concat(2, blanks.reshape(samples, most, 1), named.reshape(samples, most, 1));
        Tensor last = filled(DType.INT32, Shape.of(samples, 1), blank);
        Tensor all = Tensor.concat(1, pairs.reshape(samples, 2 * most), last);
        // Refuses a label that is no class.
        return session().arange(logs.shape().size(2)).gather(0, all);
    }

    /** Returns the log-probability of each state's class at each time, {@code [T, N, 2·L + 1]}. */
    private Tensor emissions() {
        Tensor at = path.reshape(samples, 1, states).expand(Shape.of(samples, times, states));
        Tensor taken = logs.maximum(IMPOSSIBLE).takeAlongAxis(2, at);
        return taken.permute(1, 0, 2).to(Layout.rowMajor(Shape.of(times, samples, states)));
    }

    /** Returns which states can follow the one two before: labels that differ from the label before, {@code [N, 2·L + 1]}. */
    private Tensor skips(int blank) {
        Tensor none = filled(DType.BOOL, Shape.of(samples, Math.min(2, states)), 0);
        if (states < 3) {
            return none.narrow(1, 0, states);
        }
        Tensor later = path.narrow(1, 2, states - 2);
        Tensor differ = later.ne(path.narrow(1, 0, states - 2)).and(later.ne(blank));
        return Tensor.concat(1, none, differ);
    }

    /** Computes the losses {@code [N]}, in the type of the sums. */
    public Tensor losses() {
        return losses(alphas()[times]);
    }

    /** Returns α before each time and after the last. */
    private Tensor[] alphas() {
        Tensor impossible = filled(logs.dtype(), Shape.scalar(), IMPOSSIBLE);
        Tensor before = filled(logs.dtype(), Shape.of(samples, 2), IMPOSSIBLE);
        Tensor[] alphas = new Tensor[times + 1];
        // From the first state, a blank, the first output leads to it or to the first label.
        alphas[0] = Tensor.concat(
                1,
                filled(logs.dtype(), Shape.of(samples, 1), 0),
                filled(logs.dtype(), Shape.of(samples, states - 1), IMPOSSIBLE));
        for (int t = 0; t < times; t++) {
            try (Scope scope = session().scope("ctc step")) {
                Tensor padded = Tensor.concat(1, before, alphas[t]);
                Tensor skipped = Tensor.where(skips, padded.narrow(1, 0, states), impossible);
                Tensor next =
                        sum(alphas[t], padded.narrow(1, 1, states), skipped).add(emissions.select(0, t));
                alphas[t + 1] = scope.keep(Tensor.where(isOutput(t), next.maximum(IMPOSSIBLE), alphas[t]));
            }
        }
        return alphas;
    }

    private Tensor isOutput(int t) {
        return inputLengths.gt(t).reshape(samples, 1);
    }

    /** Returns the logarithm of the sum of three exponentials. */
    private static Tensor sum(Tensor a, Tensor b, Tensor c) {
        Tensor largest = a.detach().maximum(b.detach()).maximum(c.detach());
        Tensor sum = a.sub(largest)
                .exp()
                .add(b.sub(largest).exp())
                .add(c.sub(largest).exp());
        return sum.log().add(largest);
    }

    /** Returns whether a state is one of a sample's last two, its last label and the blank after it, {@code [N, 2·L + 1]}. */
    private Tensor isLast() {
        Tensor end = labelLengths.mul(2);
        Tensor last = Engine.apply(new OneHot(states, DType.BOOL), end);
        return last.or(Engine.apply(new OneHot(states, DType.BOOL), end.sub(1).maximum(0)));
    }

    private Tensor losses(Tensor alpha) {
        Tensor impossible = filled(alpha.dtype(), Shape.scalar(), IMPOSSIBLE);
        Tensor losses =
                Tensor.where(isLast(), alpha, impossible).logSumExp(false, 1).neg();
        Tensor infinite = filled(alpha.dtype(), Shape.scalar(), Double.POSITIVE_INFINITY);
        return Tensor.where(losses.gt(-IMPOSSIBLE / 10), infinite, losses);
    }

    /**
     * Computes the gradient of the log-probabilities, {@code [N, T, C]}: the probability of a state at a time, given the labels, is {@code
     * exp(α + β + loss)}, and the gradient is minus the sum of those of all states of a class.
     */
    public Tensor gradient(Tensor dLosses) {
        if (times == 0) {
            return Full.like(logs, 0);
        }
        Tensor[] alphas = alphas();
        Tensor losses = losses(alphas[times]);
        Tensor zero = filled(logs.dtype(), Shape.scalar(), 0);
        Tensor counts = losses.ne(Double.POSITIVE_INFINITY).reshape(samples, 1);
        Tensor given = Tensor.where(counts, losses.reshape(samples, 1), zero);
        Tensor[] shares = new Tensor[times];
        Tensor impossible = filled(logs.dtype(), Shape.scalar(), IMPOSSIBLE);
        Tensor behind = filled(logs.dtype(), Shape.of(samples, 2), IMPOSSIBLE);
        Tensor noSkips = filled(DType.BOOL, Shape.of(samples, 2), 0);
        Tensor skipped = Tensor.concat(1, skips, noSkips).narrow(1, 2, states);
        Tensor beta = Tensor.where(isLast(), zero, impossible);
        for (int t = times - 1; t >= 0; t--) {
            Tensor inside = isOutput(t).and(counts);
            shares[t] = Tensor.where(inside, alphas[t + 1].add(beta).add(given), impossible)
                    .exp();
            Tensor from = beta.add(emissions.select(0, t));
            Tensor padded = Tensor.concat(1, from, behind);
            Tensor next = sum(
                    from, padded.narrow(1, 1, states), Tensor.where(skipped, padded.narrow(1, 2, states), impossible));
            beta = Tensor.where(isOutput(t), next.maximum(IMPOSSIBLE), beta);
        }
        Tensor ofStates = Tensor.stack(1, shares);
        Tensor at = path.reshape(samples, 1, states).expand(ofStates.shape());
        Tensor ofClasses = Engine.apply(new ScatterAddAlongAxis(2, logs.shape().size(2)), ofStates, at);
        Tensor slopes = dLosses.to(logs.dtype()).reshape(samples, 1, 1);
        // A sample of loss ∞ has no slope, whatever that of its loss.
        Tensor own = Tensor.where(counts.reshape(samples, 1, 1), slopes, zero);
        return ofClasses.mul(own).neg();
    }

    private Session session() {
        return logs.session();
    }

    private Tensor filled(DType type, Shape shape, double value) {
        return session().empty(type, Layout.rowMajor(shape)).fill(value);
    }
}
