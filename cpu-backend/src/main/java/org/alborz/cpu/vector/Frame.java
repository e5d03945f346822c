package org.alborz.cpu.vector;

import java.util.Arrays;

/**
 * An image copied into a frame of zeros, so that a kernel reads its padding like any other pixel. Where there is no padding the
 * image is read where it is.
 *
 * @param channels how many numbers a pixel has
 * @param height rows of the image
 * @param width columns of the image
 * @param top rows of zeros above
 * @param left columns of zeros on the left
 * @param frameHeight rows of the frame
 * @param frameWidth columns of the frame
 */
record Frame(int channels, int height, int width, int top, int left, int frameHeight, int frameWidth) {
    Frame {
        long rows = (long) frameHeight * channels;
        if (rows > Integer.MAX_VALUE || rows * frameWidth > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("A convolution on cpu-vector expects an image that holds at most "
                    + Integer.MAX_VALUE + " numbers with its padding, got " + height + "x" + width + " padded to "
                    + frameHeight + "x" + frameWidth + " with " + channels + " channels; use smaller images");
        }
    }

    boolean isNeeded() {
        return frameHeight != height || frameWidth != width;
    }

    /** Returns the numbers in a row of the frame. */
    int pitch() {
        return frameWidth * channels;
    }

    int imageSize() {
        return height * width * channels;
    }

    int size() {
        return frameHeight * pitch();
    }

    /** Copies the frame's rows {@code from} to {@code to}, exclusive, of the image at {@code at} to the frame at {@code frameAt}. */
    void fill(float[] image, int at, int from, int to, float[] frame, int frameAt) {
        int before = left * channels;
        int inside = width * channels;
        for (int row = from; row < to; row++) {
            int target = frameAt + row * pitch();
            int y = row - top;
            if (y < 0 || y >= height) {
                Arrays.fill(frame, target, target + pitch(), 0);
            } else {
                Arrays.fill(frame, target, target + before, 0);
                System.arraycopy(image, at + y * inside, frame, target + before, inside);
                Arrays.fill(frame, target + before + inside, target + pitch(), 0);
            }
        }
    }
}
