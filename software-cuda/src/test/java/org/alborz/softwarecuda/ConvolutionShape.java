package org.alborz.softwarecuda;

/** A convolution as plain loops over NCHW arrays, the oracle of the tests. */
record ConvolutionShape(
        int n,
        int c,
        int h,
        int w,
        int k,
        int r,
        int s,
        int padH,
        int padW,
        int strideH,
        int strideW,
        int dilationH,
        int dilationW,
        int groups,
        boolean flipped) {
    static ConvolutionShape of(int n, int c, int h, int w, int k, int r, int s) {
        return new ConvolutionShape(n, c, h, w, k, r, s, 0, 0, 1, 1, 1, 1, 1, false);
    }

    ConvolutionShape pad(int ofH, int ofW) {
        return new ConvolutionShape(
                n, c, h, w, k, r, s, ofH, ofW, strideH, strideW, dilationH, dilationW, groups, flipped);
    }

    ConvolutionShape stride(int ofH, int ofW) {
        return new ConvolutionShape(n, c, h, w, k, r, s, padH, padW, ofH, ofW, dilationH, dilationW, groups, flipped);
    }

    ConvolutionShape dilate(int ofH, int ofW) {
        return new ConvolutionShape(n, c, h, w, k, r, s, padH, padW, strideH, strideW, ofH, ofW, groups, flipped);
    }

    ConvolutionShape group(int of) {
        return new ConvolutionShape(
                n, c, h, w, k, r, s, padH, padW, strideH, strideW, dilationH, dilationW, of, flipped);
    }

    ConvolutionShape flip() {
        return new ConvolutionShape(
                n, c, h, w, k, r, s, padH, padW, strideH, strideW, dilationH, dilationW, groups, true);
    }

    int p() {
        return (h + 2 * padH - dilationH * (r - 1) - 1) / strideH + 1;
    }

    int q() {
        return (w + 2 * padW - dilationW * (s - 1) - 1) / strideW + 1;
    }

    int sizeX() {
        return n * c * h * w;
    }

    int sizeW() {
        return k * (c / groups) * r * s;
    }

    int sizeY() {
        return n * k * p() * q();
    }

    /** Gets every product's places in x, w and y. */
    @FunctionalInterface
    interface Visitor {
        void visit(int x, int w, int y);
    }

    void visit(Visitor visitor) {
        int cg = c / groups;
        int kg = k / groups;
        for (int b = 0; b < n; b++) {
            for (int o = 0; o < k; o++) {
                for (int i = 0; i < p(); i++) {
                    for (int j = 0; j < q(); j++) {
                        for (int e = 0; e < cg; e++) {
                            for (int u = 0; u < r; u++) {
                                for (int v = 0; v < s; v++) {
                                    int row = i * strideH - padH + (flipped ? r - 1 - u : u) * dilationH;
                                    int column = j * strideW - padW + (flipped ? s - 1 - v : v) * dilationW;
                                    if (row >= 0 && row < h && column >= 0 && column < w) {
                                        visitor.visit(
                                                ((b * c + o / kg * cg + e) * h + row) * w + column,
                                                ((o * cg + e) * r + u) * s + v,
                                                ((b * k + o) * p() + i) * q() + j);
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    /** Reorders [n, c, h, w] to n, h, w, c. */
    static double[] channelsLast(double[] values, int n, int c, int h, int w) {
        double[] result = new double[values.length];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < c; j++) {
                for (int y = 0; y < h; y++) {
                    for (int x = 0; x < w; x++) {
                        result[((i * h + y) * w + x) * c + j] = values[((i * c + j) * h + y) * w + x];
                    }
                }
            }
        }
        return result;
    }
}
