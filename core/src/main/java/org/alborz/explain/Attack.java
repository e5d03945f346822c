package org.alborz.explain;

import java.util.function.BiFunction;
import org.alborz.autograd.Tape;
import org.alborz.nn.Loss;
import org.alborz.nn.Model;
import org.alborz.nn.Pass;
import org.alborz.random.RandomKey;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.text.Given;

/**
 * Changes inputs a little so that a net errs: each number by at most epsilon, in the direction that makes the loss larger.
 *
 * <p>{@link #fgsm} takes one step of the gradient's sign (Goodfellow et al. 2015), {@link #pgd} several smaller ones, after each of which
 * the change is brought back within epsilon (Madry et al. 2018). The net is computed in evaluation passes; its parameters get no gradient.
 *
 * @param epsilon how much each number of the input changes at most, in the input's own units; above 0
 * @param stepSize how much it changes in a step; above 0
 * @param steps how many there are; at least 1
 * @param randomStart whether the first step starts from a random place within epsilon
 * @param least below what no number of the result is, such as what black is after normalization; −∞ for no bound
 * @param most above what none is
 * @param targeted whether the labels are those that the net shall be made to give: then the loss is made smaller
 */
public record Attack(
        double epsilon, double stepSize, int steps, boolean randomStart, double least, double most, boolean targeted) {
    public Attack {
        Given.above0(epsilon, "An attack's epsilon");
        Given.above0(stepSize, "An attack's step size");
        if (steps < 1) {
            throw new IllegalArgumentException("An attack expects at least 1 step, got " + steps);
        }
        if (!(least < most)) {
            throw new IllegalArgumentException(
                    "An attack expects a range whose least is below its most, got " + least + " and " + most);
        }
    }

    /** Returns the fast gradient sign method: one step of epsilon. */
    public static Attack fgsm(double epsilon) {
        return pgd(epsilon, epsilon, 1).fromInput();
    }

    /** Returns projected gradient descent, with a random start. For images from 0 to 1, 8/255, 2/255 and 10 are usual. */
    public static Attack pgd(double epsilon, double stepSize, int steps) {
        return new Attack(epsilon, stepSize, steps, true, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, false);
    }

    /** Returns this attack with a start at the input itself. */
    public Attack fromInput() {
        return new Attack(epsilon, stepSize, steps, false, least, most, targeted);
    }

    /** Returns this attack with results that stay within a range, such as 0 to 1 for pixels. */
    public Attack range(double lowest, double highest) {
        return new Attack(epsilon, stepSize, steps, randomStart, lowest, highest, targeted);
    }

    /** Returns this attack towards the labels that are given, in place of away from them. */
    public Attack towardsLabels() {
        return new Attack(epsilon, stepSize, steps, randomStart, least, most, true);
    }

    /**
     * Attacks a model.
     *
     * @param loss such as {@code Loss.crossEntropy()}
     * @param x the inputs of a batch, floating
     * @param labels what the loss compares with
     * @param seed decides the random start
     * @return the changed inputs, in the innermost scope
     */
    public Tensor apply(Model model, Loss loss, Tensor x, Tensor labels, long seed) {
        return apply(model, loss, x, labels, new RandomKey(seed, 0, 0));
    }

    Tensor apply(Model model, Loss loss, Tensor x, Tensor labels, RandomKey start) {
        Given.value(model, "An attack", "a model");
        Given.value(loss, "An attack", "a loss");
        Given.value(labels, "An attack", "labels");
        return apply((input, pass) -> loss.of(model.forward(input, pass), labels), x, start);
    }

    /**
     * Attacks any function of inputs.
     *
     * @param loss computes a loss with one element from the inputs, in the evaluation pass that it gets
     * @param start decides the random start
     */
    public Tensor apply(BiFunction<Tensor, Pass, Tensor> loss, Tensor x, RandomKey start) {
        Given.value(loss, "An attack", "a loss");
        if (!Given.value(x, "An attack", "inputs").dtype().isFloating()) {
            throw new IllegalArgumentException("An attack expects floating inputs, got " + x.describe()
                    + "; attack what a net makes of them, such as their embeddings");
        }
        Session session = x.session();
        try (Scope scope = session.scope("attack")) {
            Tensor original = x.detach();
            Tensor lower = original.sub(epsilon).maximum(least);
            Tensor upper = original.add(epsilon).minimum(most);
            Tensor at = original;
            if (randomStart) {
                Tensor noise = session.uniform(start, x.shape())
                        .to(x.dtype())
                        .mul(2 * epsilon)
                        .sub(epsilon);
                at = within(original.add(noise), lower, upper);
            }
            for (int i = 0; i < steps; i++) {
                try (Scope each = session.scope("attack step")) {
                    Tensor direction = gradient(loss, at).sign().mul(targeted ? -stepSize : stepSize);
                    at = scope.adopt(within(at.add(direction), lower, upper));
                }
            }
            return scope.keep(at == original ? original.add(0) : at);
        }
    }

    private static Tensor within(Tensor x, Tensor lower, Tensor upper) {
        return x.maximum(lower).minimum(upper);
    }

    private static Tensor gradient(BiFunction<Tensor, Pass, Tensor> loss, Tensor at) {
        try (Tape tape = new Tape(at.session())) {
            Tensor watched = tape.watch(at);
            Tensor mean = Given.value(loss.apply(watched, Pass.evaluation(tape)), "An attack", "a loss");
            return tape.gradients(mean, watched).of(watched);
        }
    }
}
