package org.alborz.examples.lessons;

import java.util.ArrayList;
import java.util.List;
import org.alborz.nn.Conv2d;
import org.alborz.nn.Flatten;
import org.alborz.nn.Initializer;
import org.alborz.nn.Layer;
import org.alborz.nn.Linear;
import org.alborz.nn.MaxPool2d;
import org.alborz.nn.Sequential;
import org.alborz.type.Activation;

/** The convolutional nets that the lessons train. */
final class ConvNets {
    private ConvNets() {}

    /**
     * Returns [(conv-relu)·n-pool]·m-(fc-relu)·k-fc for images of 32 × 32 in ten classes; the softmax at its end is part of the loss.
     *
     * @param filters of each convolution, of 3 × 3
     * @param units of each dense layer but the last
     */
    static Sequential of(int n, int m, int k, int filters, int units) {
        List<Layer> layers = new ArrayList<>();
        int width = 3;
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < n; j++) {
                layers.add(conv(width, filters, 3));
                width = filters;
            }
            layers.add(new MaxPool2d(2));
        }
        layers.add(new Flatten());
        width *= (32 >> m) * (32 >> m);
        for (int i = 0; i < k; i++) {
            layers.add(new Linear(width, units).activation(Activation.RELU));
            width = units;
        }
        layers.add(
                new Linear(width, 10).weight(Initializer.normal(0.01))); // small, so that the first loss is about ln 10
        return new Sequential(layers);
    }

    /** Returns a convolution that keeps the size of the image, with a rectifier. */
    static Conv2d conv(int in, int out, int kernel) {
        return new Conv2d(in, out, kernel).padding(kernel / 2).activation(Activation.RELU);
    }
}
