package org.alborz.cpu.scalar;

import org.alborz.type.Conv2dParameters;
import org.alborz.type.Shape;

/**
 * The sizes of one convolution and the layouts of its parts: images at {@code [n][h][w][c]}, weights at {@code [u][v][c][o]} with c
 * counted within the group.
 */
record ConvGeometry(
        Conv2dParameters p,
        int images,
        int channels,
        int height,
        int width,
        int outputs,
        int kernelH,
        int kernelW,
        int outputH,
        int outputW) {
    static ConvGeometry of(Conv2dParameters p, Shape x, Shape w, Shape y) {
        return new ConvGeometry(
                p, x.size(0), x.size(1), x.size(2), x.size(3), w.size(0), w.size(2), w.size(3), y.size(2), y.size(3));
    }

    int groupChannels() {
        return channels / p.groups();
    }

    int groupOutputs() {
        return outputs / p.groups();
    }

    /** Returns the input row under weight row {@code u} at output row {@code i}; outside the image in the padding. */
    int row(int i, int u) {
        return i * p.strideH() - p.padding().top() + u * p.dilationH();
    }

    /** Returns the input column under weight column {@code v} at output column {@code j}, likewise. */
    int column(int j, int v) {
        return j * p.strideW() - p.padding().left() + v * p.dilationW();
    }

    boolean inside(int row, int column) {
        return row >= 0 && row < height && column >= 0 && column < width;
    }

    /** Returns the first channel of an input pixel. */
    int input(int n, int row, int column) {
        return ((n * height + row) * width + column) * channels;
    }

    /** Returns the first channel of an output pixel. */
    int output(int n, int i, int j) {
        return ((n * outputH + i) * outputW + j) * outputs;
    }

    /** Returns the first output of a channel of the whole image at one place of the filter; the group's outputs follow. */
    int weight(int u, int v, int channel) {
        int group = channel / groupChannels();
        int row = (u * kernelW + v) * groupChannels() + channel % groupChannels();
        return row * outputs + group * groupOutputs();
    }

    /** Returns the first output that a channel contributes to. */
    int firstOutput(int channel) {
        return channel / groupChannels() * groupOutputs();
    }

    int weights() {
        return kernelH * kernelW * groupChannels() * outputs;
    }
}
