package org.alborz.ops;

import org.alborz.autograd.GradientSink;
import org.alborz.autograd.Node;
import org.alborz.backend.Pool2dParameters;
import org.alborz.tensor.Tensor;
import org.alborz.type.Layout;

/** The gradient of {@link MaxPoolingBackward}: the elements of another tensor at the places of the maxima. */
public final class MaxPoolingGather implements Op {
    private final Pool2dParameters p;
    private final Tensor x;
    private final Tensor y;

    private MaxPoolingGather(Pool2dParameters p, Tensor x, Tensor y) {
        this.p = p;
        this.x = x;
        this.y = y;
    }

    /** Picks from {@code source}, shaped as {@code x}, an element for each window of the pooled {@code y}. */
    static Tensor apply(Tensor x, Tensor y, Tensor source, Pool2dParameters p) {
        Tensor from = Operands.channelsLast(source);
        Tensor picked = Operands.result(x, Layout.channelsLast(y.shape()));
        x.session().backend().pooling().maxGather(p, x, y, from, picked);
        Operands.closeCopy(from, source);
        Node node = Node.record(picked, source);
        if (node != null) {
            node.complete(new MaxPoolingGather(p, node.save(x), node.save(y)));
        }
        return picked;
    }

    @Override
    public void gradient(Tensor dPicked, GradientSink inputs) {
        inputs.add(0, MaxPoolingBackward.apply(x, y, dPicked, p));
    }
}
