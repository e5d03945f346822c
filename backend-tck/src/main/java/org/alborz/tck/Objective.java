package org.alborz.tck;

import java.util.ArrayList;
import java.util.List;
import org.alborz.autograd.Gradients;
import org.alborz.autograd.Tape;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;

/**
 * A scalar function of an operation's inputs whose gradients are checked: of order 0 it is Σ w·y², and of each further order
 * Σ w·g² over the gradients g of the one before. Squares make even a linear operation's second derivative depend on its inputs.
 *
 * @param order how many gradients the function itself contains
 */
record Objective(OpEntry entry, HostArray[] inputs, int order) {
    /** What the weights are drawn with. */
    static final long SEED = 801;

    /** Returns what stands before the squares: numbers from 0.5 to 1.5. */
    static HostArray weights(Shape shape) {
        return HostArray.uniform(SEED, 0.5, 1.5, shape);
    }

    double value(Session session) {
        try (Tape tape = new Tape(session)) {
            return evaluate(tape, watch(session, tape)).item();
        }
    }

    /** Returns the gradients by the watched inputs, not recorded. */
    List<Tensor> gradients(Session session) {
        try (Tape tape = new Tape(session)) {
            Inputs in = watch(session, tape);
            Gradients gradients = tape.gradients(evaluate(tape, in), in.watched());
            return in.of(gradients);
        }
    }

    /** Returns the same gradients, recorded on an open tape. */
    List<Tensor> recordedGradients(Session session, Tape tape) {
        Inputs in = watch(session, tape);
        return in.of(tape.differentiableGradients(evaluate(tape, in), in.watched()));
    }

    private Tensor evaluate(Tape tape, Inputs in) {
        Tensor value = square(entry.function().apply(in.all()));
        for (int i = 0; i < order; i++) {
            Tensor sum = null;
            for (Tensor gradient : in.of(tape.differentiableGradients(value, in.watched()))) {
                Tensor term = square(gradient);
                sum = sum == null ? term : sum.add(term);
            }
            value = sum;
        }
        return value;
    }

    private static Tensor square(Tensor y) {
        HostArray weights = weights(y.shape());
        return y.square().mul(y.session().tensor(weights.values(), y.shape())).sum();
    }

    /**
     * An operation's inputs on a backend.
     *
     * @param watched those with respect to which gradients are asked for
     */
    private record Inputs(Tensor[] all, Tensor[] watched) {
        List<Tensor> of(Gradients gradients) {
            List<Tensor> list = new ArrayList<>();
            for (Tensor tensor : watched) {
                list.add(gradients.of(tensor));
            }
            return list;
        }
    }

    private Inputs watch(Session session, Tape tape) {
        Tensor[] all = new Tensor[inputs.length];
        List<Tensor> watched = new ArrayList<>();
        for (int i = 0; i < inputs.length; i++) {
            all[i] = session.tensor(inputs[i].values(), inputs[i].shape());
            if (entry.watched().contains(i)) {
                all[i] = tape.watch(all[i]);
                watched.add(all[i]);
            }
        }
        return new Inputs(all, watched.toArray(Tensor[]::new));
    }
}
