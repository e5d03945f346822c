package org.alborz.data;

import java.util.Arrays;
import java.util.List;
import org.alborz.random.RandomStream;
import org.alborz.text.Given;

/**
 * Mirrors an image top to bottom with the given probability, and with it the fields that show the same places, such as a mask.
 *
 * @param fields the names of what is mirrored: images {@code [C, H, W]} stored channels-last or planes {@code [H, W]}, of any type;
 *     field 0 where there are none
 */
public record RandomVerticalFlip(double probability, List<String> fields) implements Transform {
    private static final String NAME = "RandomVerticalFlip";

    public RandomVerticalFlip {
        ImageShapes.requireProbability(NAME, probability);
        fields = ImageShapes.requireNames(NAME, fields);
    }

    public RandomVerticalFlip(double probability, String... fields) {
        this(probability, Arrays.asList(Given.value(fields, NAME, "names of fields")));
    }

    /** Mirrors every second image, on average. */
    public RandomVerticalFlip() {
        this(0.5, List.of());
    }

    @Override
    public void apply(Sample sample, RandomStream random) {
        boolean flips = random.uniform() < probability;
        for (int i = 0; i < Math.max(1, fields.size()); i++) {
            int field = ImageShapes.field(sample, fields, i);
            int height = ImageShapes.height(NAME, sample.fields().get(field));
            if (flips) {
                flip(sample, field, height);
            }
        }
    }

    @SuppressWarnings("SuspiciousSystemArraycopy") // both are arrays of the field's type
    private static void flip(Sample sample, int field, int height) {
        Field of = sample.fields().get(field);
        int row = of.shape().size(-1) * ImageShapes.channels(of);
        Object from = sample.copy(field);
        for (int h = 0; h < height; h++) {
            System.arraycopy(from, (height - 1 - h) * row, sample.array(field), sample.at(field) + h * row, row);
        }
        sample.flippedVertically(field);
    }
}
