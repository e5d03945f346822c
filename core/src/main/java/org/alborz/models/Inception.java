package org.alborz.models;

import java.util.ArrayList;
import java.util.List;
import org.alborz.nn.Branches;
import org.alborz.nn.GlobalAvgPool2d;
import org.alborz.nn.Layer;
import org.alborz.nn.MaxPool2d;
import org.alborz.nn.Sequential;

/**
 * GoogLeNet (Szegedy et al. 2015) for small images: a 3×3 convolution and nine inception modules, of convolutions of 1×1, 3×3 and 5×5 and a
 * pooling side by side. As usual today, with batch normalisation, two convolutions of 3×3 in place of one of 5×5, and without the classifiers
 * on the way; 6.2 million parameters.
 */
public final class Inception {
    private static final int CHANNELS = 3;

    /**
     * Of each module: inputs, 1×1, 3×3 behind a reduction, 5×5 behind a reduction, and behind the pooling (table 1 of the paper). A null
     * halves the image.
     */
    private static final int[][] MODULES = {
        {192, 64, 96, 128, 16, 32, 32},
        {256, 128, 128, 192, 32, 96, 64},
        null,
        {480, 192, 96, 208, 16, 48, 64},
        {512, 160, 112, 224, 24, 64, 64},
        {512, 128, 128, 256, 24, 64, 64},
        {512, 112, 144, 288, 32, 64, 64},
        {528, 256, 160, 320, 32, 128, 128},
        null,
        {832, 256, 160, 320, 32, 128, 128},
        {832, 384, 192, 384, 48, 128, 128}
    };

    private Inception() {}

    /** Returns a new net for images {@code [N, 3, H, W]}. */
    public static Sequential of(int classes) {
        List<Layer> layers = new ArrayList<>();
        layers.add(Blocks.convNormRelu(CHANNELS, 192, 3, 1));
        for (int[] m : MODULES) {
            layers.add(m == null ? new MaxPool2d(3, 2, 1) : module(m[0], m[1], m[2], m[3], m[4], m[5], m[6]));
        }
        layers.add(new GlobalAvgPool2d());
        layers.add(Blocks.scores(1024, classes));
        return new Sequential(layers);
    }

    private static Layer module(int in, int one, int reduce3, int three, int reduce5, int five, int pooled) {
        return new Branches(
                Blocks.convNormRelu(in, one, 1, 1),
                new Sequential(Blocks.convNormRelu(in, reduce3, 1, 1), Blocks.convNormRelu(reduce3, three, 3, 1)),
                new Sequential(
                        Blocks.convNormRelu(in, reduce5, 1, 1),
                        Blocks.convNormRelu(reduce5, five, 3, 1),
                        Blocks.convNormRelu(five, five, 3, 1)),
                new Sequential(new MaxPool2d(3, 1, 1), Blocks.convNormRelu(in, pooled, 1, 1)));
    }
}
