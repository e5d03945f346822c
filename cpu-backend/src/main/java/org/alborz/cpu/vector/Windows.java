package org.alborz.cpu.vector;

import org.alborz.type.Pool2dParameters;
import org.alborz.type.PoolAxis;
import org.alborz.type.Shape;

/** The windows of one pooling without dilation over channels-last images; padding is left out of a window. */
record Windows(PoolAxis down, PoolAxis across, int images, int channels, int outputH, int outputW) {
    static Windows of(Pool2dParameters p, Shape x, Shape y) {
        return new Windows(p.rows(x.size(2)), p.columns(x.size(3)), x.size(0), x.size(1), y.size(2), y.size(3));
    }

    /** Returns how many rows of the image are in windows of output row i. */
    int rows(int i) {
        return down.taps(i);
    }

    int columns(int j) {
        return across.taps(j);
    }

    /** Returns the position of the window's first pixel in the images. */
    int first(int image, int i, int j) {
        return ((image * down.size() + down.first(i)) * across.size() + across.first(j)) * channels;
    }

    int output(int image, int i, int j) {
        return ((image * outputH + i) * outputW + j) * channels;
    }

    int imageSize() {
        return down.size() * across.size() * channels;
    }

    /** Returns the numbers in a row of an image. */
    int pitch() {
        return across.size() * channels;
    }

    /** Returns what an average divides by. */
    float size(int i, int j) {
        return (float) down.counted(i) * across.counted(j);
    }
}
