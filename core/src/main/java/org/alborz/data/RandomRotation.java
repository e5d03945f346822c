package org.alborz.data;

import java.util.Arrays;
import java.util.List;
import org.alborz.random.RandomStream;
import org.alborz.text.Given;

/**
 * Rotates an image around its centre by a random angle, as {@link RandomAffine} does, and with it the fields of the same pixels.
 *
 * @param degrees the largest angle in either direction, from 0 to 180
 * @param fields the names of what is rotated: images {@code [C, H, W]} stored channels-last or planes {@code [H, W]}, of any type; field 0
 *     where there are none
 */
public record RandomRotation(double degrees, List<String> fields) implements Transform {
    private static final String NAME = "RandomRotation";

    public RandomRotation {
        ImageShapes.requireUpTo(NAME, "an angle", degrees, "180", 180);
        fields = ImageShapes.requireNames(NAME, fields);
    }

    public RandomRotation(double degrees, String... fields) {
        this(degrees, Arrays.asList(Given.value(fields, NAME, "names of fields")));
    }

    @Override
    public void apply(Sample sample, RandomStream random) {
        double angle = Math.toRadians(degrees * (2 * random.uniform() - 1));
        Warp.apply(NAME, sample, fields, (height, width) -> Warp.around(height, width, angle, 0, 1, 0, 0));
    }
}
