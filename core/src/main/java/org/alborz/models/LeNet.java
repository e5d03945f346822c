package org.alborz.models;

import org.alborz.nn.Activations;
import org.alborz.nn.AvgPool2d;
import org.alborz.nn.Conv2d;
import org.alborz.nn.Flatten;
import org.alborz.nn.Linear;
import org.alborz.nn.Sequential;

/**
 * LeNet-5 (LeCun et al. 1998): two convolutions of 5×5 with the hyperbolic tangent and means of 2×2, then 120, 84 and the classes; 61,706
 * parameters for digits of 32×32. As usual today, means have no factor and bias, all channels are connected, and the end is linear.
 */
public final class LeNet {
    private static final int KERNEL = 5;

    /** The size that the convolutions and means reduce to one pixel. */
    static final int SMALLEST = 16;

    private LeNet() {}

    /**
     * Returns a new net for images {@code [N, channels, size, size]}.
     *
     * @param channels 1 for grey digits, at least 1
     * @param size at least 16; 32 in the paper, 28 for MNIST without a border
     */
    public static Sequential of(int classes, int channels, int size) {
        if (size < SMALLEST) {
            throw new IllegalArgumentException(
                    "lenet5 expects images of at least " + SMALLEST + " pixels a side, got " + size);
        }
        int pooled = ((size - KERNEL + 1) / 2 - KERNEL + 1) / 2;
        return new Sequential(
                new Conv2d(channels, 6, KERNEL),
                Activations.tanh(),
                new AvgPool2d(2),
                new Conv2d(6, 16, KERNEL),
                Activations.tanh(),
                new AvgPool2d(2),
                new Flatten(),
                new Linear(16 * pooled * pooled, 120),
                Activations.tanh(),
                new Linear(120, 84),
                Activations.tanh(),
                Blocks.scores(84, classes));
    }
}
