package org.alborz.cuda.dnn.graph;

import java.util.ArrayList;
import java.util.List;
import org.alborz.cuda.dnn.ConvolutionKey;
import org.alborz.type.Activation;
import org.alborz.type.DType;
import org.alborz.type.Shape;

/** The operations of a convolution and of what follows it. The result of the convolution is in float32 until it is stored. */
final class ConvolutionGraphs {
    private static final float SIX = 6;

    /** What tensors without memory are counted from. */
    private static final long VIRTUAL = 100;

    private ConvolutionGraphs() {}

    static List<GraphOperation> of(FusionKey key) {
        return key.following() instanceof Following.GateSums f ? gradient(key.convolution(), f) : forward(key);
    }

    /** Sums are of the stored, rounded numbers, of which the normalisation's gradient reads the same. */
    private static List<GraphOperation> gradient(ConvolutionKey c, Following.GateSums f) {
        Shape perChannel = Shape.of(1, c.x().size(1), 1, 1);
        GraphTensor passed = stored(Place.Y, c.dtype(), c.x());
        GraphTensor result = stored(Place.RESULT, c.dtype(), c.x());
        GraphTensor convolved = passed.between(VIRTUAL);
        GraphTensor added = f.hasAddend() ? passed.between(VIRTUAL + 1) : convolved;
        GraphTensor gated = passed.between(VIRTUAL + 2);
        GraphTensor widened = passed.between(VIRTUAL + 3);
        GraphTensor products = passed.between(VIRTUAL + 4);
        List<GraphOperation> operations = new ArrayList<>();
        operations.add(new GraphOperation.ConvolveBack(
                c.parameters(), stored(Place.X, c.dtype(), c.y()), stored(Place.W, c.dtype(), c.w()), convolved));
        if (f.hasAddend()) {
            operations.add(new GraphOperation.Add(convolved, stored(Place.ADDEND, c.dtype(), c.x()), added));
        }
        operations.add(new GraphOperation.Gate(added, result, upper(f.activation()), gated));
        operations.add(new GraphOperation.Convert(gated, passed));
        operations.add(new GraphOperation.Convert(passed, widened));
        operations.add(new GraphOperation.Statistics(
                widened,
                stored(Place.SUM, DType.FLOAT32, perChannel),
                stored(Place.SQUARES, DType.FLOAT32, perChannel)));
        GraphTensor factor = f.hasFactor() ? stored(Place.FACTOR, c.dtype(), c.x()) : result;
        operations.add(new GraphOperation.Multiply(widened, factor, products));
        operations.add(new GraphOperation.Sum(products, stored(Place.PRODUCTS, DType.FLOAT32, perChannel)));
        return operations;
    }

    private static float upper(Activation activation) {
        return activation == Activation.RELU6 ? SIX : Float.MAX_VALUE;
    }

    private static List<GraphOperation> forward(FusionKey key) {
        ConvolutionKey c = key.convolution();
        Shape perChannel = Shape.of(1, c.y().size(1), 1, 1);
        GraphTensor x = stored(Place.X, c.dtype(), c.x());
        GraphTensor w = stored(Place.W, c.dtype(), c.w());
        GraphTensor y = stored(Place.Y, c.dtype(), c.y());
        List<GraphOperation> operations = new ArrayList<>();
        GraphTensor convolved = y.between(VIRTUAL);
        operations.add(new GraphOperation.Convolve(c.parameters(), x, w, convolved));
        if (key.following() instanceof Following.BiasActivation f) {
            GraphTensor biased = y.between(VIRTUAL + 1);
            GraphTensor added = f.hasAddend() ? y.between(VIRTUAL + 2) : biased;
            operations.add(new GraphOperation.Add(convolved, stored(Place.BIAS, c.dtype(), perChannel), biased));
            if (f.hasAddend()) {
                operations.add(new GraphOperation.Add(biased, stored(Place.ADDEND, c.dtype(), c.y()), added));
            }
            operations.add(new GraphOperation.Rectify(added, upper(f.activation()), y));
        } else {
            // Statistics are of the stored, rounded results; they are converted to float32 because GEN_STATS does not
            // take bfloat16.
            GraphTensor widened = y.between(VIRTUAL + 1);
            operations.add(new GraphOperation.Convert(convolved, y));
            operations.add(new GraphOperation.Convert(y, widened));
            operations.add(new GraphOperation.Statistics(
                    widened,
                    stored(Place.SUM, DType.FLOAT32, perChannel),
                    stored(Place.SQUARES, DType.FLOAT32, perChannel)));
        }
        return operations;
    }

    private static GraphTensor stored(Place place, DType dtype, Shape shape) {
        return GraphTensor.stored(place.id(), dtype, shape);
    }
}
