package org.alborz.cpu.vector;

import org.alborz.type.Pool2dParameters;
import org.alborz.type.Shape;

/** The windows of one pooling over channels-last images; padding is left out of a window. */
record Windows(Pool2dParameters p, int images, int channels, int height, int width, int outputH, int outputW) {
    static Windows of(Pool2dParameters p, Shape x, Shape y) {
        return new Windows(p, x.size(0), x.size(1), x.size(2), x.size(3), y.size(2), y.size(3));
    }

    int top(int i) {
        return Math.max(0, i * p.strideH() - p.paddingH());
    }

    int left(int j) {
        return Math.max(0, j * p.strideW() - p.paddingW());
    }

    /** Returns how many rows of the image are in windows of output row i. */
    int rows(int i) {
        return Math.min(height, i * p.strideH() - p.paddingH() + p.kernelH()) - top(i);
    }

    int columns(int j) {
        return Math.min(width, j * p.strideW() - p.paddingW() + p.kernelW()) - left(j);
    }

    /** Returns the position of the window's first pixel in the images. */
    int first(int image, int i, int j) {
        return ((image * height + top(i)) * width + left(j)) * channels;
    }

    int output(int image, int i, int j) {
        return ((image * outputH + i) * outputW + j) * channels;
    }

    int imageSize() {
        return height * width * channels;
    }

    float size() {
        return (float) p.kernelH() * p.kernelW();
    }
}
