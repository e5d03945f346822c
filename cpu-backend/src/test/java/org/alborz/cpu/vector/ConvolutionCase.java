package org.alborz.cpu.vector;

import org.alborz.cpu.vector.Pair.Twin;
import org.alborz.type.Activation;
import org.alborz.type.Conv2dParameters;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/** One convolution's operands, for both backends. */
record ConvolutionCase(Conv2dParameters p, Twin x, Twin w, Twin bias, Twin addend, Twin y, Twin dy, Twin dx, Twin dw) {
    /** What follows the sums of a forward pass. */
    enum Ending {
        NOTHING,
        BIAS_AND_RELU,
        BIAS_ADDEND_AND_RELU
    }

    static ConvolutionCase of(Pair pair, Conv2dParameters p, int n, int c, int h, int w, int o, int kh, int kw) {
        Shape x = Shape.of(n, c, h, w);
        Shape filter = Shape.of(o, c / p.groups(), kh, kw);
        Shape y = Shape.of(n, o, p.outputH(h, kh), p.outputW(w, kw));
        return new ConvolutionCase(
                p,
                pair.random(Layout.channelsLast(x)),
                pair.random(Layout.filter(filter)),
                pair.random(Layout.rowMajor(Shape.of(o))),
                pair.random(Layout.channelsLast(y)),
                pair.empty(Layout.channelsLast(y)),
                pair.random(Layout.channelsLast(y)),
                pair.empty(Layout.channelsLast(x)),
                pair.empty(Layout.filter(filter)));
    }

    void runVector(Pair pair, Ending ending) {
        var convolution = pair.vector.convolution();
        convolution.forward(
                p,
                x.vector(),
                w.vector(),
                ending == Ending.NOTHING ? null : bias.vector(),
                ending == Ending.BIAS_ADDEND_AND_RELU ? addend.vector() : null,
                ending == Ending.NOTHING ? Activation.NONE : Activation.RELU,
                y.vector());
        convolution.backwardData(p, dy.vector(), w.vector(), dx.vector());
        convolution.backwardFilter(p, x.vector(), dy.vector(), dw.vector());
    }

    void runScalar(Pair pair, Ending ending) {
        var convolution = pair.scalar.convolution();
        convolution.forward(
                p,
                x.scalar(),
                w.scalar(),
                ending == Ending.NOTHING ? null : bias.scalar(),
                ending == Ending.BIAS_ADDEND_AND_RELU ? addend.scalar() : null,
                ending == Ending.NOTHING ? Activation.NONE : Activation.RELU,
                y.scalar());
        convolution.backwardData(p, dy.scalar(), w.scalar(), dx.scalar());
        convolution.backwardFilter(p, x.scalar(), dy.scalar(), dw.scalar());
    }
}
