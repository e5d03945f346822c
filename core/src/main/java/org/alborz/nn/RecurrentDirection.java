package org.alborz.nn;

import org.alborz.ops.Engine;
import org.alborz.ops.LinearOp;
import org.alborz.tensor.Tensor;
import org.alborz.type.Activation;
import org.alborz.type.Shape;

/**
 * One layer of a recurrent net in one direction: the gates' sums of all steps' inputs in one product, then step by step one product of the
 * hidden state. Parameters are named as PyTorch's.
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
     * @param x {@code [T, N, C]}
     * @param states {@code [N, …]} each; replaced by the last ones
     * @param isData bool {@code [T, N, 1]}, false for positions after a sequence's end; null where there are none
     * @return the hidden state after each step, {@code [N, H]}; 0 at positions after a sequence's end
     */
    Tensor[] run(Tensor x, Tensor[] states, Tensor isData, Pass pass) {
        int steps = x.shape().size(0);
        int batch = x.shape().size(1);
        Tensor weight = pass.use(ofHidden);
        Tensor bias = use(hiddenBias, pass);
        Tensor rows = x.reshape(steps * batch, x.shape().size(2));
        Tensor sums = Engine.apply(LINEAR, rows, pass.use(ofInput), use(inputBias, pass));
        Tensor[] each =
                sums.reshape(steps, batch, sums.shape().size(1)).unbind(0).toArray(Tensor[]::new);
        sums.close();
        Tensor[] outputs = new Tensor[steps];
        Tensor zero = isData == null ? null : x.session().zeros(states[0].shape(), states[0].dtype());
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
            if (isData != null) {
                Tensor mask = isData.select(0, at);
                outputs[at] = Tensor.where(mask, next[0], zero);
                for (int i = 0; i < next.length; i++) {
                    next[i] = Tensor.where(mask, next[i], states[i]);
                }
            }
            System.arraycopy(next, 0, states, 0, next.length);
        }
        return outputs;
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
