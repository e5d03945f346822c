package org.alborz.data;

import java.util.Arrays;
import java.util.List;
import org.alborz.random.RandomStream;
import org.alborz.text.Given;

/**
 * Converts an image to grey with the given probability: all channels become {@code 0.2989 R + 0.587 G + 0.114 B}.
 *
 * @param fields the names of images {@code [3, H, W]} stored channels-last, of uint8 or of float32 from 0 to 1; field 0 where there are
 *     none
 */
public record RandomGrayscale(double probability, List<String> fields) implements Transform {
    private static final String NAME = "RandomGrayscale";

    public RandomGrayscale {
        ImageShapes.requireProbability(NAME, probability);
        fields = ImageShapes.requireNames(NAME, fields);
    }

    public RandomGrayscale(double probability, String... fields) {
        this(probability, Arrays.asList(Given.value(fields, NAME, "names of fields")));
    }

    @Override
    public void apply(Sample sample, RandomStream random) {
        boolean applies = random.uniform() < probability;
        for (int i = 0; i < Math.max(1, fields.size()); i++) {
            int field = ImageShapes.field(sample, fields, i);
            Field of = sample.fields().get(field);
            Pixels.require(NAME, of, 3);
            if (applies) {
                float[] rgb = Pixels.load(sample, field);
                Colours.saturation(rgb, of.elements(), 0);
                Pixels.store(sample, field, rgb);
            }
        }
    }
}
