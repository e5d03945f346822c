package org.alborz.tune.cells;

import java.util.ArrayList;
import java.util.List;
import org.alborz.nn.Activations;
import org.alborz.nn.BatchNorm;
import org.alborz.nn.Conv2d;
import org.alborz.nn.GlobalAvgPool2d;
import org.alborz.nn.Layer;
import org.alborz.nn.Linear;
import org.alborz.nn.Sequential;

/** Classifiers of images that repeat a cell. */
public final class CellNet {
    private static final int STAGES = 3;

    private CellNet() {}

    /**
     * Returns a net for images {@code [N, 3, H, W]}: a 3×3 convolution, three stages of cells, and the mean over the pixels. Between stages a
     * 3×3 convolution of stride 2 halves the image and doubles the channels.
     *
     * @param channels of the first stage
     * @param cells of a stage, at least 1
     */
    public static Sequential of(Cell cell, int classes, int channels, int cells) {
        if (channels < 1 || cells < 1) {
            throw new IllegalArgumentException(
                    "CellNet expects at least 1 channel and 1 cell a stage, got " + channels + " and " + cells);
        }
        List<Layer> layers = new ArrayList<>();
        int in = 3;
        int out = channels;
        for (int stage = 0; stage < STAGES; stage++) {
            layers.add(
                    new Conv2d(in, out, 3).stride(stage == 0 ? 1 : 2).padding(1).bias(false));
            layers.add(new BatchNorm(out));
            layers.add(Activations.relu());
            for (int i = 0; i < cells; i++) {
                layers.add(new CellLayer(cell, out));
                layers.add(new BatchNorm(out)); // a sum of several grows from cell to cell
            }
            in = out;
            out *= 2;
        }
        layers.add(new GlobalAvgPool2d());
        layers.add(new Linear(in, classes));
        return new Sequential(layers);
    }
}
