package org.alborz.ops;

import org.alborz.autograd.GradientSink;
import org.alborz.autograd.Node;
import org.alborz.backend.Activation;
import org.alborz.backend.Conv2dParameters;
import org.alborz.tensor.Tensor;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/** The gradient of a convolution with respect to its images, also known as transposed convolution. */
public final class Convolution2dData implements Op {
    private final Conv2dParameters p;
    private final Tensor dy;
    private final Tensor w;

    private Convolution2dData(Conv2dParameters p, Tensor dy, Tensor w) {
        this.p = p;
        this.dy = dy;
        this.w = w;
    }

    /**
     * Computes the gradient with respect to images of the given shape.
     *
     * @param dy {@code [N, O, OH, OW]}, the shape that {@link Convolution2d#resultShape} gives for these images and weights
     * @param w {@code [O, C/groups, KH, KW]}
     */
    public static Tensor apply(Tensor dy, Tensor w, Shape images, Conv2dParameters p) {
        Operands.requireAlike("Conv2d's gradient", dy, w);
        Convolution2d.requireGradient(dy.shape(), images, w.shape(), p);
        Tensor gradient = Operands.channelsLast(dy);
        Tensor filters = Operands.filter(w);
        Tensor dx = Operands.result(dy, Layout.channelsLast(images));
        dy.session().backend().convolution().backwardData(p, gradient, filters, dx);
        Node node = Node.record(dx, dy, w);
        if (node != null) {
            node.complete(new Convolution2dData(p, node.save(gradient, dy), node.save(filters, w)));
        }
        Operands.closeCopy(gradient, dy);
        Operands.closeCopy(filters, w);
        return dx;
    }

    @Override
    public void gradient(Tensor ddx, GradientSink inputs) {
        if (inputs.wants(0)) {
            inputs.add(0, Convolution2d.apply(ddx, w, null, null, p, Activation.NONE));
        }
        if (inputs.wants(1)) {
            inputs.add(1, Convolution2dFilter.apply(ddx, dy, w.shape(), p));
        }
    }
}
