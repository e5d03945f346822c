package org.alborz.nn;

import org.alborz.ops.Engine;
import org.alborz.ops.LinearOp;
import org.alborz.tensor.Tensor;
import org.alborz.type.Activation;
import org.alborz.type.Shape;

/**
 * One layer of a recurrent net in one direction: the gates' sums of all steps' inputs in one product, then all steps in one operation where
 * there is one, else step by step. Parameters are named as PyTorch's.
 */
final class RecurrentDirection {
    private static final LinearOp LINEAR = new LinearOp(Activation.NONE);

    private final RecurrentCell cell;
    private final boolean reverse;
    private final String suffix;
    private final Parameter ofInput;
    private final Parameter ofHidden;
    private final Parameter inputBias;
    private final Parameter hiddenBias;
    private final Parameter projection;

    RecurrentDirection(RecurrentSettings settings, RecurrentCell cell, int layer, boolean reverse) {
        this.cell = cell;
        this.reverse = reverse;
        this.suffix = "_l" + layer + (reverse ? "_reverse" : "");
        int in = layer == 0 ? settings.in() : settings.output() * settings.directions();
        int width = Math.multiplyExact(cell.gates(), settings.hidden());
        Initializer initializer = Initializer.uniform(1 / Math.sqrt(settings.hidden()));
        ofInput = Parameter.of(Shape.of(width, in), initializer);
        ofHidden = Parameter.of(Shape.of(width, settings.output()), initializer);
        inputBias = settings.biased() ? Parameter.of(Shape.of(width), initializer) : null;
        hiddenBias = settings.biased() ? Parameter.of(Shape.of(width), initializer) : null;
        projection = settings.projection() == 0
                ? null
                : Parameter.of(Shape.of(settings.projection(), settings.hidden()), initializer);
    }

    Parameter anyParameter() {
        return ofInput;
    }

    /**
     * Computes all steps.
     *
     * @param x {@code [N, T, C]}
     * @param states {@code [N, …]} each; replaced by the last ones
     * @param padding null where all steps are data
     * @return the hidden state after each step, {@code [N, T, H]}; 0 at positions after a sequence's end
     */
    Tensor run(Tensor x, Tensor[] states, Padding padding, Pass pass) {
        return cell.hasSequence() && projection == null
                ? inOne(x, states, padding, pass)
                : stepByStep(x, states, padding, pass);
    }

    /** Which steps are data: the lengths int32 {@code [N]}, and the same as bool {@code [N, T, 1]}. */
    record Padding(Tensor lengths, Tensor isData) {}

    private Tensor sums(Tensor x, Tensor bias, Pass pass) {
        int batch = x.shape().size(0);
        int steps = x.shape().size(1);
        Tensor rows = x.reshape(batch * steps, x.shape().size(2));
        Tensor sums = Engine.apply(LINEAR, rows, pass.use(ofInput), bias);
        Tensor result = sums.reshape(batch, steps, sums.shape().size(1));
        sums.close();
        return result;
    }

    /** Adds both biases to the sums of the input, which is one sum of gradients for both. */
    private Tensor inOne(Tensor x, Tensor[] states, Padding padding, Pass pass) {
        Tensor bias = inputBias == null ? null : pass.use(inputBias).add(pass.use(hiddenBias));
        Tensor sums = sums(x, bias, pass);
        Tensor lengths = padding == null ? null : padding.lengths();
        Tensor hidden = cell.sequence(reverse, sums, pass.use(ofHidden), lengths, states);
        sums.close();
        return padding == null ? hidden : Tensor.where(padding.isData(), hidden, zero(hidden.shape(), hidden));
    }

    private Tensor stepByStep(Tensor x, Tensor[] states, Padding padding, Pass pass) {
        int steps = x.shape().size(1);
        Tensor weight = pass.use(ofHidden);
        Tensor bias = use(hiddenBias, pass);
        Tensor sums = sums(x, use(inputBias, pass), pass);
        Tensor[] each = sums.unbind(1).toArray(Tensor[]::new);
        sums.close();
        Tensor[] outputs = new Tensor[steps];
        Tensor zero = padding == null ? null : zero(states[0].shape(), states[0]);
        for (int step = 0; step < steps; step++) {
            int at = reverse ? steps - 1 - step : step;
            Tensor hidden = Engine.apply(LINEAR, states[0], weight, bias);
            Tensor[] next = cell.step(each[at], hidden, states);
            each[at].close();
            hidden.close();
            if (projection != null) {
                next[0] = Engine.apply(LINEAR, next[0], pass.use(projection), null);
            }
            outputs[at] = next[0];
            if (padding != null) {
                Tensor mask = padding.isData().select(1, at);
                outputs[at] = Tensor.where(mask, next[0], zero);
                for (int i = 0; i < next.length; i++) {
                    next[i] = Tensor.where(mask, next[i], states[i]);
                }
            }
            System.arraycopy(next, 0, states, 0, next.length);
        }
        return Tensor.stack(1, outputs);
    }

    private static Tensor zero(Shape shape, Tensor like) {
        return like.session().zeros(shape, like.dtype());
    }

    private static Tensor use(Parameter parameter, Pass pass) {
        return parameter == null ? null : pass.use(parameter);
    }

    void describe(Structure structure) {
        structure.parameter("weight_ih" + suffix, ofInput);
        structure.parameter("weight_hh" + suffix, ofHidden);
        if (inputBias != null) {
            structure.parameter("bias_ih" + suffix, inputBias);
            structure.parameter("bias_hh" + suffix, hiddenBias);
        }
        if (projection != null) {
            structure.parameter("weight_hr" + suffix, projection);
        }
    }
}
