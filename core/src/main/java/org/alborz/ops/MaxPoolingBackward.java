package org.alborz.ops;

import org.alborz.autograd.GradientSink;
import org.alborz.autograd.Node;
import org.alborz.backend.Pool2dParameters;
import org.alborz.tensor.Tensor;
import org.alborz.type.Layout;

/** The gradient of {@link MaxPooling}: each window's gradient goes to the place of its maximum. Linear in {@code dy}. */
public final class MaxPoolingBackward implements Op {
    private final Pool2dParameters p;
    private final Tensor x;
    private final Tensor y;

    private MaxPoolingBackward(Pool2dParameters p, Tensor x, Tensor y) {
        this.p = p;
        this.x = x;
        this.y = y;
    }

    /** Scatters {@code dy}, shaped as the pooled {@code y}, to the shape of {@code x}; both channels-last. */
    static Tensor apply(Tensor x, Tensor y, Tensor dy, Pool2dParameters p) {
        Tensor gradient = Operands.channelsLast(dy);
        Tensor dx = Operands.result(x, Layout.channelsLast(x.shape()));
        x.session().backend().pooling().maxBackward(p, x, y, gradient, dx);
        Operands.closeCopy(gradient, dy);
        Node node = Node.record(dx, dy);
        if (node != null) {
            node.complete(new MaxPoolingBackward(p, node.save(x), node.save(y)));
        }
        return dx;
    }

    @Override
    public void gradient(Tensor ddx, GradientSink inputs) {
        inputs.add(0, MaxPoolingGather.apply(x, y, ddx, p));
    }
}
