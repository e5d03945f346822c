package org.alborz.cpu.vector;

import org.alborz.type.Conv2dParameters;
import org.alborz.type.Shape;

/** All sizes of a convolution, in the letters of the formula: x [n, c, h, w], weights [o, c / groups, kh, kw], y [n, o, oh, ow]. */
record Conv2dShape(Conv2dParameters p, int n, int c, int h, int w, int o, int kh, int kw, int oh, int ow) {
    static Conv2dShape of(Conv2dParameters p, Shape x, Shape weights, Shape y) {
        return new Conv2dShape(
                p,
                x.size(0),
                x.size(1),
                x.size(2),
                x.size(3),
                weights.size(0),
                weights.size(2),
                weights.size(3),
                y.size(2),
                y.size(3));
    }

    /** Tells whether these are the sizes of other tensors, whatever their batch. */
    boolean hasSizes(Conv2dParameters parameters, Shape x, Shape weights, Shape y) {
        return c == x.size(1)
                && h == x.size(2)
                && w == x.size(3)
                && o == weights.size(0)
                && kh == weights.size(2)
                && kw == weights.size(3)
                && oh == y.size(2)
                && ow == y.size(3)
                && p.equals(parameters);
    }

    /** Returns the same sizes for any batch, to find what does not depend on it. */
    Conv2dShape withoutBatch() {
        return new Conv2dShape(p, 0, c, h, w, o, kh, kw, oh, ow);
    }

    int inputsPerGroup() {
        return c / p.groups();
    }

    int outputsPerGroup() {
        return o / p.groups();
    }
}
