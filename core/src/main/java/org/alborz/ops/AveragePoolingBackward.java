package org.alborz.ops;

import org.alborz.autograd.GradientSink;
import org.alborz.autograd.Node;
import org.alborz.backend.Pool2dParameters;
import org.alborz.tensor.Tensor;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/** The gradient of {@link AveragePooling}: each window's gradient spread evenly. */
public final class AveragePoolingBackward implements Op {
    private final Pool2dParameters p;

    private AveragePoolingBackward(Pool2dParameters p) {
        this.p = p;
    }

    /** Spreads {@code dy} over images of the given shape. */
    static Tensor apply(Tensor dy, Shape images, Pool2dParameters p) {
        Tensor gradient = Operands.channelsLast(dy);
        Tensor dx = Operands.result(dy, Layout.channelsLast(images));
        dy.session().backend().pooling().averageBackward(p, gradient, dx);
        Operands.closeCopy(gradient, dy);
        Node node = Node.record(dx, dy);
        if (node != null) {
            node.complete(new AveragePoolingBackward(p));
        }
        return dx;
    }

    @Override
    public void gradient(Tensor ddx, GradientSink inputs) {
        inputs.add(0, AveragePooling.apply(ddx, p));
    }
}
