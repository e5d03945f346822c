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
            float upper = f.activation() == Activation.RELU6 ? SIX : Float.MAX_VALUE;
            operations.add(new GraphOperation.Rectify(added, upper, y));
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
