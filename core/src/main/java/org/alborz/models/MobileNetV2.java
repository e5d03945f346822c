package org.alborz.models;

import java.util.ArrayList;
import java.util.List;
import org.alborz.nn.Activations;
import org.alborz.nn.BatchNorm;
import org.alborz.nn.Dropout;
import org.alborz.nn.GlobalAvgPool2d;
import org.alborz.nn.Layer;
import org.alborz.nn.Residual;
import org.alborz.nn.Sequential;
import org.alborz.type.Activation;

/**
 * MobileNetV2 (Sandler et al. 2018): inverted residuals of a 1×1 convolution to more channels, a depthwise 3×3 one and a linear 1×1 one; 3.5
 * million parameters for 1000 classes.
 */
public final class MobileNetV2 {
    private static final int CHANNELS = 3;

    /** Of each stage: how many times the channels inside a block, channels, blocks and stride (table 2 of the paper). */
    private static final int[][] STAGES = {
        {1, 16, 1, 1}, {6, 24, 2, 2}, {6, 32, 3, 2}, {6, 64, 4, 2}, {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}
    };

    /** Up to this size the first convolution and the stage of 24 channels keep the image's size. */
    private static final int SMALL = 64;

    private MobileNetV2() {}

    /**
     * Returns a new net for images {@code [N, 3, size, size]}. Those of at most 64 pixels a side are halved three times instead of five,
     * as is usual for CIFAR.
     */
    public static Sequential of(int classes, int size) {
        boolean small = size <= SMALL;
        List<Layer> layers = new ArrayList<>();
        addConvolution(layers, CHANNELS, 32, 3, small ? 1 : 2, 1);
        int in = 32;
        for (int[] stage : STAGES) {
            int stride = small && stage[1] == 24 ? 1 : stage[3];
            for (int block = 0; block < stage[2]; block++) {
                layers.add(invertedResidual(in, stage[1], stage[0], block == 0 ? stride : 1));
                in = stage[1];
            }
        }
        addConvolution(layers, in, 1280, 1, 1, 1);
        layers.add(new GlobalAvgPool2d());
        layers.add(new Dropout(0.2));
        layers.add(Blocks.scores(1280, classes));
        return new Sequential(layers);
    }

    private static Layer invertedResidual(int in, int out, int factor, int stride) {
        int inside = in * factor;
        List<Layer> layers = new ArrayList<>();
        if (factor > 1) {
            addConvolution(layers, in, inside, 1, 1, 1);
        }
        addConvolution(layers, inside, inside, 3, stride, inside);
        layers.add(Blocks.conv(inside, out, 1, 1));
        layers.add(new BatchNorm(out));
        Layer body = new Sequential(layers);
        return in == out && stride == 1 ? new Residual(body).activation(Activation.NONE) : body;
    }

    private static void addConvolution(List<Layer> layers, int in, int out, int kernel, int stride, int groups) {
        layers.add(Blocks.conv(in, out, kernel, stride).groups(groups));
        layers.add(new BatchNorm(out));
        layers.add(Activations.relu6());
    }
}
