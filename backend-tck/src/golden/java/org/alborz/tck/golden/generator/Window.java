package org.alborz.tck.golden.generator;

/** How a convolution's filter walks its input; each array is rows, columns. */
record Window(long[] stride, long[] padding, long[] dilation, int groups) {
    static Window of(int stride, int padding, int dilation, int groups) {
        return new Window(square(stride), square(padding), square(dilation), groups);
    }

    static long[] square(int size) {
        return new long[] {size, size};
    }
}
