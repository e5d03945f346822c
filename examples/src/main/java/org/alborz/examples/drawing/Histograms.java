package org.alborz.examples.drawing;

import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;

/** Histograms side by side, such as those of the activations of each layer. */
public final class Histograms {
    private static final int WIDTH = 180;
    private static final int HEIGHT = 150;
    private static final int BINS = 40;

    private final int columns;
    private final List<BufferedImage> drawn = new ArrayList<>();
    private final List<String> captions = new ArrayList<>();

    /** Begins histograms, so many beside each other. */
    public Histograms(int columns) {
        this.columns = columns;
    }

    /** Adds a histogram of numbers over a range; those outside are not counted. */
    public Histograms add(String caption, float[] values, double from, double to) {
        int[] counts = new int[BINS];
        int most = 1;
        for (float value : values) {
            int bin = (int) Math.floor((value - from) / (to - from) * BINS);
            bin = value == to ? BINS - 1 : bin;
            if (bin >= 0 && bin < BINS) {
                most = Math.max(most, ++counts[bin]);
            }
        }
        BufferedImage image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
        var graphics = image.createGraphics();
        graphics.setColor(java.awt.Color.WHITE);
        graphics.fillRect(0, 0, WIDTH, HEIGHT);
        graphics.setColor(Style.colour(0));
        for (int bin = 0; bin < BINS; bin++) {
            int height = (int) Math.round((double) counts[bin] / most * (HEIGHT - 10));
            int left = bin * WIDTH / BINS;
            graphics.fillRect(left, HEIGHT - height, (bin + 1) * WIDTH / BINS - left - 1, height);
        }
        graphics.dispose();
        drawn.add(image);
        captions.add(caption);
        return this;
    }

    /** Draws them. */
    public BufferedImage draw() {
        ImageGrid grid = new ImageGrid(columns, 1);
        for (int i = 0; i < drawn.size(); i++) {
            grid.add(captions.get(i), drawn.get(i));
        }
        return grid.draw();
    }
}
