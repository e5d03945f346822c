package org.alborz.ops;

import org.alborz.autograd.GradientSink;
import org.alborz.autograd.Node;
import org.alborz.backend.Pool2dParameters;
import org.alborz.tensor.Tensor;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/** The mean of each window, padding counted in. */
public final class AveragePooling implements Op {
    private final Pool2dParameters p;
    private final Shape from;

    private AveragePooling(Pool2dParameters p, Shape from) {
        this.p = p;
        this.from = from;
    }

    /** Pools {@code [N, C, H, W]} to {@code [N, C, OH, OW]} with OH = ⌊(H + 2P − K) / S⌋ + 1. */
    public static Tensor apply(Tensor x, Pool2dParameters p) {
        Tensor images = Operands.channelsLast(PoolingInput.require("AvgPool2d", x));
        Tensor y = Operands.result(x, Layout.channelsLast(MaxPooling.outputShape("AvgPool2d", x.shape(), p)));
        x.session().backend().pooling().average(p, images, y);
        Operands.closeCopy(images, x);
        Node node = Node.record(y, x);
        if (node != null) {
            node.complete(new AveragePooling(p, x.shape()));
        }
        return y;
    }

    @Override
    public void gradient(Tensor dy, GradientSink inputs) {
        inputs.add(0, AveragePoolingBackward.apply(dy, from, p));
    }
}
