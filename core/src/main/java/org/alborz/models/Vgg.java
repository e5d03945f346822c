package org.alborz.models;

import java.util.ArrayList;
import java.util.List;
import org.alborz.nn.GlobalAvgPool2d;
import org.alborz.nn.Layer;
import org.alborz.nn.MaxPool2d;
import org.alborz.nn.Sequential;

/**
 * Nets of blocks {@code (conv-relu)·N-pool} (Simonyan and Zisserman 2015): convolutions of 3×3, and the largest of 2×2 after each block. For
 * small images as usual, with batch normalisation and one linear layer at the end: 9.2 million parameters of {@link #vgg11} and 14.7 of
 * {@link #vgg16} for ten classes.
 */
public final class Vgg {
    private static final int CHANNELS = 3;

    private Vgg() {}

    /** Returns configuration A of the paper, eight convolutions, for images of at least 32 pixels a side. */
    public static Sequential vgg11(int classes) {
        return of(classes, new int[] {64}, new int[] {128}, new int[] {256, 256}, new int[] {512, 512}, new int[] {
            512, 512
        });
    }

    /** Returns configuration D of the paper, thirteen convolutions, for images of at least 32 pixels a side. */
    public static Sequential vgg16(int classes) {
        return of(
                classes,
                new int[] {64, 64},
                new int[] {128, 128},
                new int[] {256, 256, 256},
                new int[] {512, 512, 512},
                new int[] {512, 512, 512});
    }

    /**
     * Returns a net of blocks for images {@code [N, 3, H, W]} of at least 2^blocks pixels a side.
     *
     * @param blocks the channels of each convolution of each block; none may be empty
     */
    public static Sequential of(int classes, int[]... blocks) {
        if (blocks.length == 0) {
            throw new IllegalArgumentException("A VGG-style net expects at least one block, got none");
        }
        List<Layer> layers = new ArrayList<>();
        int in = CHANNELS;
        for (int[] block : blocks) {
            if (block.length == 0) {
                throw new IllegalArgumentException("A VGG-style net expects a convolution in each block, got none");
            }
            for (int out : block) {
                for (Layer layer : Blocks.convNormRelu(in, out, 3, 1)) {
                    layers.add(layer);
                }
                in = out;
            }
            layers.add(new MaxPool2d(2));
        }
        layers.add(new GlobalAvgPool2d());
        layers.add(Blocks.scores(in, classes));
        return new Sequential(layers);
    }
}
