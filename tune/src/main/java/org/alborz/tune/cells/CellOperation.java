package org.alborz.tune.cells;

import org.alborz.nn.Activations;
import org.alborz.nn.AvgPool2d;
import org.alborz.nn.BatchNorm;
import org.alborz.nn.Conv2d;
import org.alborz.nn.Layer;
import org.alborz.nn.MaxPool2d;
import org.alborz.nn.Sequential;

/** What an edge of a cell does with images {@code [N, C, H, W]}; the size and the number of channels stay. */
public enum CellOperation {
    IDENTITY("identity"),
    CONV_1X1("conv 1×1"),
    CONV_3X3("conv 3×3"),
    /** A depthwise 3×3 convolution, then one of 1×1 over the channels. */
    SEPARABLE_3X3("separable 3×3"),
    MAX_POOL_3X3("max pool 3×3"),
    AVERAGE_POOL_3X3("average pool 3×3");

    private final String label;

    CellOperation(String label) {
        this.label = label;
    }

    /** Returns its name in drawings. */
    public String label() {
        return label;
    }

    /** Returns the layer, null for what changes nothing; convolutions have batch normalisation and a rectifier. */
    Layer layer(int channels) {
        return switch (this) {
            case IDENTITY -> null;
            case CONV_1X1 -> normalised(channels, conv(channels, 1));
            case CONV_3X3 -> normalised(channels, conv(channels, 3));
            case SEPARABLE_3X3 -> normalised(channels, conv(channels, 3).groups(channels), conv(channels, 1));
            case MAX_POOL_3X3 -> new MaxPool2d(3, 1, 1);
            case AVERAGE_POOL_3X3 -> new AvgPool2d(3, 1, 1);
        };
    }

    private static Conv2d conv(int channels, int kernel) {
        return new Conv2d(channels, channels, kernel).padding(kernel / 2).bias(false);
    }

    private static Sequential normalised(int channels, Layer... convolutions) {
        return new Sequential(convolutions).append(new BatchNorm(channels)).append(Activations.relu());
    }
}
