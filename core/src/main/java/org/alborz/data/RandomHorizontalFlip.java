package org.alborz.data;

import org.alborz.random.RandomStream;
import org.alborz.type.Shape;

/** Mirrors an image left to right with the given probability. */
public record RandomHorizontalFlip(double probability) implements Transform {
    public RandomHorizontalFlip {
        if (!(probability >= 0 && probability <= 1)) {
            throw new IllegalArgumentException(
                    "RandomHorizontalFlip expects a probability from 0 to 1, got " + probability);
        }
    }

    /** Mirrors every second image, on average. */
    public RandomHorizontalFlip() {
        this(0.5);
    }

    @Override
    public void apply(Sample sample, RandomStream random) {
        Shape shape =
                ImageShapes.require("RandomHorizontalFlip", sample.fields().get(0));
        if (random.uniform() >= probability) {
            return;
        }
        float[] values = sample.floats(0);
        int at = sample.at(0);
        int channels = shape.size(0);
        int height = shape.size(1);
        int width = shape.size(2);
        for (int h = 0; h < height; h++) {
            int row = at + h * width * channels;
            for (int left = 0, right = width - 1; left < right; left++, right--) {
                for (int c = 0; c < channels; c++) {
                    float value = values[row + left * channels + c];
                    values[row + left * channels + c] = values[row + right * channels + c];
                    values[row + right * channels + c] = value;
                }
            }
        }
    }
}
