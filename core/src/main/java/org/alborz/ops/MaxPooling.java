package org.alborz.ops;

import org.alborz.autograd.GradientSink;
import org.alborz.autograd.Node;
import org.alborz.backend.Pool2dParameters;
import org.alborz.tensor.Tensor;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/** The largest element of each window. */
public final class MaxPooling implements Op {
    private final Pool2dParameters p;
    private final Tensor x;
    private final Tensor y;

    private MaxPooling(Pool2dParameters p, Tensor x, Tensor y) {
        this.p = p;
        this.x = x;
        this.y = y;
    }

    /** Pools {@code [N, C, H, W]} to {@code [N, C, OH, OW]} with OH = ⌊(H + 2P − K) / S⌋ + 1. */
    public static Tensor apply(Tensor x, Pool2dParameters p) {
        Tensor images = Operands.channelsLast(PoolingInput.require("MaxPool2d", x));
        Tensor y = Operands.result(x, Layout.channelsLast(outputShape("MaxPool2d", x.shape(), p)));
        x.session().backend().pooling().max(p, images, y);
        Node node = Node.record(y, x);
        if (node != null) {
            node.complete(new MaxPooling(p, node.save(images, x), node.save(y)));
        }
        Operands.closeCopy(images, x);
        return y;
    }

    static Shape outputShape(String op, Shape x, Pool2dParameters p) {
        int h = p.outputH(x.size(2));
        int w = p.outputW(x.size(3));
        if (h < 1 || w < 1) {
            throw new IllegalArgumentException(
                    op + "'s window " + p.kernelH() + "x" + p.kernelW() + " does not fit into input " + x);
        }
        return Shape.of(x.size(0), x.size(1), h, w);
    }

    @Override
    public void gradient(Tensor dy, GradientSink inputs) {
        inputs.add(0, MaxPoolingBackward.apply(x, y, dy, p));
    }
}
