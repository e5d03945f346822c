package org.alborz.ops;

import org.alborz.autograd.GradientSink;
import org.alborz.autograd.Node;
import org.alborz.backend.Activation;
import org.alborz.backend.Conv2dParameters;
import org.alborz.tensor.Tensor;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/** The gradient of a convolution with respect to its filters. */
public final class Convolution2dFilter implements Op {
    private final Conv2dParameters p;
    private final Tensor x;
    private final Tensor dy;

    private Convolution2dFilter(Conv2dParameters p, Tensor x, Tensor dy) {
        this.p = p;
        this.x = x;
        this.dy = dy;
    }

    /**
     * Computes the gradient with respect to filters of the given shape.
     *
     * @param x {@code [N, C, H, W]}
     * @param dy {@code [N, O, OH, OW]}, the shape that {@link Convolution2d#resultShape} gives for these images and filters
     */
    public static Tensor apply(Tensor x, Tensor dy, Shape filters, Conv2dParameters p) {
        Operands.requireAlike("Conv2d's gradient", x, dy);
        Convolution2d.requireGradient(dy.shape(), x.shape(), filters, p);
        Tensor images = Operands.channelsLast(x);
        Tensor gradient = Operands.channelsLast(dy);
        Tensor dw = Operands.result(x, Layout.filter(filters));
        x.session().backend().convolution().backwardFilter(p, images, gradient, dw);
        Node node = Node.record(dw, x, dy);
        if (node != null) {
            node.complete(new Convolution2dFilter(p, node.save(images, x), node.save(gradient, dy)));
        }
        Operands.closeCopy(images, x);
        Operands.closeCopy(gradient, dy);
        return dw;
    }

    @Override
    public void gradient(Tensor ddw, GradientSink inputs) {
        if (inputs.wants(0)) {
            inputs.add(0, Convolution2dData.apply(dy, ddw, x.shape(), p));
        }
        if (inputs.wants(1)) {
            inputs.add(1, Convolution2d.apply(x, ddw, null, null, p, Activation.NONE));
        }
    }
}
