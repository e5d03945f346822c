package org.alborz.data;

import java.util.Arrays;
import java.util.List;
import org.alborz.random.RandomStream;
import org.alborz.text.Given;

/**
 * Mirrors an image left to right with the given probability, and with it the fields that show the same places, such as a mask.
 *
 * @param fields the names of what is mirrored: images {@code [C, H, W]} stored channels-last or planes {@code [H, W]}, of any type;
 *     field 0 where there are none
 */
public record RandomHorizontalFlip(double probability, List<String> fields) implements Transform {
    private static final String NAME = "RandomHorizontalFlip";

    public RandomHorizontalFlip {
        ImageShapes.requireProbability(NAME, probability);
        fields = ImageShapes.requireNames(NAME, fields);
    }

    public RandomHorizontalFlip(double probability, String... fields) {
        this(probability, Arrays.asList(Given.value(fields, NAME, "names of fields")));
    }

    /** Mirrors every second image, on average. */
    public RandomHorizontalFlip() {
        this(0.5, List.of());
    }

    @Override
    public void apply(Sample sample, RandomStream random) {
        mirror(NAME, sample, fields, draw(random));
    }

    /** Mirrors fields of a sample, or only checks that they are images. */
    static void mirror(String what, Sample sample, List<String> fields, boolean flips) {
        for (int i = 0; i < Math.max(1, fields.size()); i++) {
            int field = ImageShapes.field(sample, fields, i);
            int height = ImageShapes.height(what, sample.fields().get(field));
            if (flips) {
                flip(sample, field, height);
            }
        }
    }

    /** Draws whether an image is mirrored. */
    boolean draw(RandomStream random) {
        return random.uniform() < probability;
    }

    private static void flip(Sample sample, int field, int height) {
        Field of = sample.fields().get(field);
        int channels = ImageShapes.channels(of);
        int width = of.shape().size(-1);
        Object values = sample.array(field);
        for (int h = 0; h < height; h++) {
            int row = sample.at(field) + h * width * channels;
            for (int left = 0, right = width - 1; left < right; left++, right--) {
                for (int c = 0; c < channels; c++) {
                    HostArrays.swap(values, row + left * channels + c, row + right * channels + c);
                }
            }
        }
        sample.flipped(field);
    }
}
