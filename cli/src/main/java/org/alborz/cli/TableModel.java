package org.alborz.cli;

import org.alborz.data.Dataset;
import org.alborz.models.Models;
import org.alborz.nn.Layer;
import org.alborz.nn.Loss;
import org.alborz.nn.Parameter;
import org.alborz.nn.Pass;
import org.alborz.nn.Sequential;
import org.alborz.nn.Structure;
import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;

/**
 * A fully connected net for the columns of a table, which takes and gives numbers as they stand there: means and standard deviations of the
 * training data are part of it and of its checkpoints.
 */
final class TableModel implements Layer {
    private final Sequential layers;
    private final Parameter inputMean;
    private final Parameter inputDeviation;
    private final Parameter targetMean;
    private final Parameter targetDeviation;

    /**
     * Makes the net.
     *
     * @param hidden the sizes of the hidden layers
     */
    TableModel(Signature signature, int... hidden) {
        int[] sizes = new int[hidden.length + 2];
        sizes[0] = signature.inputs();
        System.arraycopy(hidden, 0, sizes, 1, hidden.length);
        sizes[sizes.length - 1] = signature.outputs();
        layers = Models.mlp(sizes);
        inputMean = Parameter.state(Shape.of(signature.inputs()), 0);
        inputDeviation = Parameter.state(Shape.of(signature.inputs()), 1);
        boolean numbers = signature.task() == Task.REGRESSION;
        targetMean = numbers ? Parameter.state(Shape.of(1), 0) : null;
        targetDeviation = numbers ? Parameter.state(Shape.of(1), 1) : null;
    }

    /** Takes the means and standard deviations of the training data; for when the model was made. */
    void standardize(Dataset training) {
        TableStatistics input = TableStatistics.of(training, 0);
        assign(inputMean, input.mean());
        assign(inputDeviation, input.deviation());
        if (targetMean != null) {
            TableStatistics target = TableStatistics.of(training, 1);
            assign(targetMean, target.mean());
            assign(targetDeviation, target.deviation());
        }
    }

    private static void assign(Parameter state, double[] numbers) {
        Tensor value = state.value();
        try (Tensor tensor = value.session().tensor(numbers, value.shape())) {
            value.assign(tensor);
        }
    }

    /** Returns the mean squared error in units of the target's variance: 1 of a net that knows no more than the mean. */
    Loss loss() {
        return new Loss() {
            @Override
            public Tensor of(Tensor output, Tensor target) {
                Tensor deviation = targetDeviation.value();
                return Loss.mse().of(output.div(deviation), target.div(deviation));
            }

            @Override
            public String settings() {
                return "mse by_variance";
            }
        };
    }

    @Override
    public Tensor forward(Tensor x, Pass pass) {
        Tensor standard = x.sub(pass.use(inputMean)).div(pass.use(inputDeviation));
        Tensor y = layers.forward(standard, pass);
        if (targetMean == null) {
            return y;
        }
        Tensor deviation = pass.use(targetDeviation);
        return y.to(deviation.dtype()).mul(deviation).add(pass.use(targetMean));
    }

    @Override
    public void describe(Structure structure) {
        structure.module("layers", layers);
        structure.parameter("input_mean", inputMean);
        structure.parameter("input_deviation", inputDeviation);
        if (targetMean != null) {
            structure.parameter("target_mean", targetMean);
            structure.parameter("target_deviation", targetDeviation);
        }
    }
}
