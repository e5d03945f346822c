package org.alborz.models;

import org.alborz.nn.Activations;
import org.alborz.nn.BatchNorm;
import org.alborz.nn.Conv2d;
import org.alborz.nn.Initializer;
import org.alborz.nn.Layer;
import org.alborz.nn.Linear;
import org.alborz.nn.Sequential;

/** Layers that several families of nets have. */
final class Blocks {
    private Blocks() {}

    /** Returns the last layer, whose small weights make the first loss ln C: no class is preferred before anything was learned. */
    static Layer scores(int in, int classes) {
        return new Linear(in, classes).weight(Initializer.normal(0.01));
    }

    /** Returns a convolution without a bias that keeps the image's size, divided by the stride. */
    static Conv2d conv(int in, int out, int kernel, int stride) {
        return new Conv2d(in, out, kernel).stride(stride).padding(kernel / 2).bias(false);
    }

    /** Returns such a convolution with batch normalisation and a rectifier. */
    static Sequential convNormRelu(int in, int out, int kernel, int stride) {
        return new Sequential(conv(in, out, kernel, stride), new BatchNorm(out), Activations.relu());
    }
}
