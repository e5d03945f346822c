package org.alborz.ops;

import org.alborz.autograd.GradientSink;
import org.alborz.autograd.Node;
import org.alborz.backend.Activation;
import org.alborz.backend.BinaryOp;
import org.alborz.backend.Conv2dParameters;
import org.alborz.tensor.Tensor;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/** Two-dimensional convolution with bias, addend and activation. */
public final class Convolution2d implements Op {
    private static final int ADDEND = 3;

    private final Conv2dParameters p;
    private final Tensor x;
    private final Tensor w;
    private final Tensor rectified;

    private Convolution2d(Conv2dParameters p, Tensor x, Tensor w, Tensor rectified) {
        this.p = p;
        this.x = x;
        this.w = w;
        this.rectified = rectified;
    }

    /**
     * Convolves images with filters.
     *
     * @param x {@code [N, C, H, W]}
     * @param w {@code [O, C/groups, KH, KW]}
     * @param bias {@code [O]} or null
     * @param addend of the result's shape, or null: what is added before the activation, such as a shortcut
     * @return {@code [N, O, OH, OW]} with OH = ⌊(H + 2P − D(KH − 1) − 1) / S⌋ + 1, stored channels-last
     */
    public static Tensor apply(
            Tensor x, Tensor w, Tensor bias, Tensor addend, Conv2dParameters p, Activation activation) {
        Operands.requireAlike("Conv2d", x, w);
        Shape shape = resultShape(x.shape(), w.shape(), p);
        Bias.require("Conv2d", bias, w);
        requireAddend(addend, x, shape);
        Tensor images = Operands.channelsLast(x);
        Tensor filters = Operands.filter(w);
        Tensor more = addend == null ? null : Operands.channelsLast(addend);
        Tensor y = Operands.result(x, Layout.channelsLast(shape));
        x.session().backend().convolution().forward(p, images, filters, bias, more, activation, y);
        Node node = Node.record(y, x, w, bias, addend);
        if (node != null) {
            node.complete(new Convolution2d(
                    p,
                    node.save(images, x),
                    node.save(filters, w),
                    activation == Activation.RELU ? node.save(y) : null));
        }
        Operands.closeCopy(images, x);
        Operands.closeCopy(filters, w);
        Operands.closeCopy(more, addend);
        return y;
    }

    private static void requireAddend(Tensor addend, Tensor x, Shape result) {
        if (addend == null) {
            return;
        }
        Operands.requireAlike("Conv2d", x, addend);
        if (!addend.shape().equals(result)) {
            throw new IllegalArgumentException(
                    "Conv2d expects an addend of the result's shape " + result + ", got " + addend.describe());
        }
    }

    /**
     * Returns the shape of the result.
     *
     * @throws IllegalArgumentException where images of shape x cannot be convolved with weights of shape w
     */
    public static Shape resultShape(Shape x, Shape w, Conv2dParameters p) {
        requireChannels(x, w, p);
        int h = p.outputH(x.size(2), w.size(2));
        int wide = p.outputW(x.size(3), w.size(3));
        requireSpace(h, wide, x, w, p);
        boolean same = w.size(0) == x.size(1) && h == x.size(2) && wide == x.size(3);
        return same ? x : Shape.of(x.size(0), w.size(0), h, wide);
    }

    /** Refuses a gradient that is not of the result's shape of a convolution of images x with weights w. */
    static void requireGradient(Shape dy, Shape x, Shape w, Conv2dParameters p) {
        requireChannels(x, w, p);
        int h = p.outputH(x.size(2), w.size(2));
        int wide = p.outputW(x.size(3), w.size(3));
        requireSpace(h, wide, x, w, p);
        boolean fits = dy.rank() == 4
                && dy.size(0) == x.size(0)
                && dy.size(1) == w.size(0)
                && dy.size(2) == h
                && dy.size(3) == wide;
        if (!fits) {
            throw new IllegalArgumentException("Conv2d's gradient expects dy " + resultShape(x, w, p) + " for images "
                    + x + " and weights " + w + " with " + p + ", got " + dy);
        }
    }

    private static void requireChannels(Shape x, Shape w, Conv2dParameters p) {
        if (w.rank() != 4) {
            throw new IllegalArgumentException("Conv2d expects weight [O, C/groups, KH, KW], got " + w);
        }
        long channels = (long) w.size(1) * p.groups();
        if (x.rank() != 4 || x.size(1) != channels) {
            throw new IllegalArgumentException("Conv2d expects input [N, " + channels + ", H, W], got " + x);
        }
        if (w.size(0) % p.groups() != 0) {
            throw new IllegalArgumentException(
                    "Conv2d expects out channels divisible by " + p.groups() + " groups, got " + w.size(0));
        }
    }

    private static void requireSpace(int h, int wide, Shape x, Shape w, Conv2dParameters p) {
        if (h < 1 || wide < 1) {
            throw new IllegalArgumentException("Conv2d's kernel " + w.size(2) + "x" + w.size(3) + " with " + p
                    + " does not fit into input " + x + "; use a larger input or padding");
        }
    }

    @Override
    public void gradient(Tensor dy, GradientSink inputs) {
        Tensor rectifiedDy = rectified == null ? dy : rectified.apply(BinaryOp.RELU_BACKWARD, dy);
        Tensor dz = rectifiedDy.to(Layout.channelsLast(dy.shape()));
        if (inputs.wants(0)) {
            inputs.give(0, Convolution2dData.apply(dz, w, x.shape(), p));
        }
        if (inputs.wants(1)) {
            inputs.give(1, Convolution2dFilter.apply(x, dz, w.shape(), p));
        }
        Bias.gradient(dz, inputs, 0, 2, 3);
        if (inputs.wants(ADDEND)) {
            inputs.add(ADDEND, dz);
        }
    }
}
