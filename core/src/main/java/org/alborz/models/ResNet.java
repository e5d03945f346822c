package org.alborz.models;

import java.util.ArrayList;
import java.util.List;
import org.alborz.nn.Activations;
import org.alborz.nn.BatchNorm;
import org.alborz.nn.GlobalAvgPool2d;
import org.alborz.nn.Layer;
import org.alborz.nn.MaxPool2d;
import org.alborz.nn.Residual;
import org.alborz.nn.Sequential;

/**
 * Residual nets (He et al. 2016). Where a stage halves the image or has other channels, the shortcut is a 1×1 convolution with batch
 * normalisation (the paper's option B).
 */
public final class ResNet {
    private static final int CHANNELS = 3;
    private static final int BOTTLENECK = 4;

    /** The largest images that a 3×3 convolution without a pooling begins; larger ones are quartered first. */
    private static final int SMALL = 64;

    private ResNet() {}

    /**
     * Returns the net for CIFAR-10 of section 4.2: three stages of {@code blocks} blocks with 16, 32 and 64 channels, {@code 6·blocks + 2}
     * layers. Three blocks are {@code resnet20}, 0.27 million parameters; nine are {@code resnet56}, 0.86 million.
     *
     * @param blocks at least 1
     */
    public static Sequential cifar(int classes, int blocks) {
        return of(classes, stem(16, false), new int[] {16, 32, 64}, new int[] {blocks, blocks, blocks}, false);
    }

    /**
     * Returns the net of 18 layers for images {@code [N, 3, size, size]}: 11.7 million parameters for 1000 classes. Images of at most 64
     * pixels a side go to a 3×3 convolution, larger ones to 7×7 with stride 2 and a pooling, as in the paper.
     */
    public static Sequential resnet18(int classes, int size) {
        return of(classes, stem(64, size > SMALL), new int[] {64, 128, 256, 512}, new int[] {2, 2, 2, 2}, false);
    }

    /** Returns the net of 50 layers, whose blocks are bottlenecks, likewise: 25.6 million parameters for 1000 classes. */
    public static Sequential resnet50(int classes, int size) {
        return of(classes, stem(64, size > SMALL), new int[] {64, 128, 256, 512}, new int[] {3, 4, 6, 3}, true);
    }

    private static List<Layer> stem(int out, boolean large) {
        List<Layer> layers = new ArrayList<>();
        layers.add(Blocks.conv(CHANNELS, out, large ? 7 : 3, large ? 2 : 1));
        layers.add(new BatchNorm(out));
        layers.add(Activations.relu());
        if (large) {
            layers.add(new MaxPool2d(3, 2, 1));
        }
        return layers;
    }

    private static Sequential of(int classes, List<Layer> stem, int[] widths, int[] blocks, boolean bottleneck) {
        List<Layer> layers = new ArrayList<>(stem);
        int in = widths[0];
        for (int stage = 0; stage < widths.length; stage++) {
            if (blocks[stage] < 1) {
                throw new IllegalArgumentException(
                        "A residual net expects at least one block in a stage, got " + blocks[stage]);
            }
            int out = bottleneck ? BOTTLENECK * widths[stage] : widths[stage];
            for (int block = 0; block < blocks[stage]; block++) {
                int stride = stage > 0 && block == 0 ? 2 : 1;
                layers.add(join(
                        in, out, stride, bottleneck ? bottleneck(in, widths[stage], stride) : basic(in, out, stride)));
                in = out;
            }
        }
        layers.add(new GlobalAvgPool2d());
        layers.add(Blocks.scores(in, classes));
        return new Sequential(layers);
    }

    private static Layer join(int in, int out, int stride, Layer body) {
        return in == out && stride == 1
                ? new Residual(body)
                : new Residual(body, new Sequential(Blocks.conv(in, out, 1, stride), new BatchNorm(out)));
    }

    private static Layer basic(int in, int out, int stride) {
        return new Sequential(
                Blocks.conv(in, out, 3, stride),
                new BatchNorm(out),
                Activations.relu(),
                Blocks.conv(out, out, 3, 1),
                new BatchNorm(out));
    }

    /** Returns 1×1, 3×3 with the stride, as in PyTorch, and 1×1 to four times the channels. */
    private static Layer bottleneck(int in, int width, int stride) {
        int out = BOTTLENECK * width;
        return new Sequential(
                Blocks.conv(in, width, 1, 1),
                new BatchNorm(width),
                Activations.relu(),
                Blocks.conv(width, width, 3, stride),
                new BatchNorm(width),
                Activations.relu(),
                Blocks.conv(width, out, 1, 1),
                new BatchNorm(out));
    }
}
