package org.alborz.softwarecuda;

/** A pooling of [n, c, h, w]. */
record PoolingShape(
        int n, int c, int h, int w, int windowH, int windowW, int padH, int padW, int strideH, int strideW) {
    int p() {
        return (h + 2 * padH - windowH) / strideH + 1;
    }

    int q() {
        return (w + 2 * padW - windowW) / strideW + 1;
    }

    int sizeX() {
        return n * c * h * w;
    }

    int sizeY() {
        return n * c * p() * q();
    }

    /** Gets every place in x that a place in y sees, in row-major order. */
    @FunctionalInterface
    interface Visitor {
        void visit(int x, int y);
    }

    void visit(Visitor visitor) {
        for (int plane = 0; plane < n * c; plane++) {
            for (int i = 0; i < p(); i++) {
                for (int j = 0; j < q(); j++) {
                    for (int row = i * strideH - padH; row < i * strideH - padH + windowH; row++) {
                        for (int column = j * strideW - padW; column < j * strideW - padW + windowW; column++) {
                            if (row >= 0 && row < h && column >= 0 && column < w) {
                                visitor.visit((plane * h + row) * w + column, (plane * p() + i) * q() + j);
                            }
                        }
                    }
                }
            }
        }
    }
}
