package org.alborz.data;

import java.util.Arrays;
import java.util.List;
import org.alborz.random.RandomStream;
import org.alborz.text.Given;

/**
 * Rotates, shears, scales and translates an image around its centre by random amounts, and with it the fields of the same pixels, such
 * as a mask:
 *
 * <pre>{@code
 * new RandomAffine(15).translate(0.1).scale(0.9, 1.1).fields("image", "mask")
 * }</pre>
 *
 * <p>Images of bytes or float32 are interpolated bilinearly; planes and other types take the nearest pixel. The area outside of the image is
 * filled with the mean of a normalised field, and with 0 in others. The map is that of torchvision's {@code RandomAffine} with a shear along x.
 *
 * @param degrees the largest angle in either direction, from 0 to 180
 * @param translate how far the image may move along each side, as a share of that side, from 0 to 1
 * @param minScale the smallest factor, above 0
 * @param maxScale the largest factor
 * @param shear the largest angle of the shear in either direction, from 0 to 89
 * @param fields the names of what is moved: images {@code [C, H, W]} stored channels-last or planes {@code [H, W]}, of any type; field 0
 *     where there are none
 */
public record RandomAffine(
        double degrees, double translate, double minScale, double maxScale, double shear, List<String> fields)
        implements Transform {
    private static final String NAME = "RandomAffine";

    public RandomAffine {
        ImageShapes.requireUpTo(NAME, "an angle", degrees, "180", 180);
        ImageShapes.requireUpTo(NAME, "a share of the sides", translate, "1", 1);
        ImageShapes.requireUpTo(NAME, "a shear", shear, "89", 89);
        if (!(minScale > 0 && minScale <= maxScale && maxScale < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    NAME + " expects finite factors above 0, the smaller first, got " + minScale + " and " + maxScale);
        }
        fields = ImageShapes.requireNames(NAME, fields);
    }

    /** Only rotates images. */
    public RandomAffine(double degrees) {
        this(degrees, 0, 1, 1, 0, List.of());
    }

    /** Returns this transform with a largest distance, as a share of the sides. */
    public RandomAffine translate(double share) {
        return new RandomAffine(degrees, share, minScale, maxScale, shear, fields);
    }

    /** Returns this transform with a range of factors. */
    public RandomAffine scale(double min, double max) {
        return new RandomAffine(degrees, translate, min, max, shear, fields);
    }

    /** Returns this transform with a largest angle of the shear. */
    public RandomAffine shear(double largest) {
        return new RandomAffine(degrees, translate, minScale, maxScale, largest, fields);
    }

    /** Returns this transform of other fields. */
    public RandomAffine fields(String... names) {
        return new RandomAffine(
                degrees,
                translate,
                minScale,
                maxScale,
                shear,
                Arrays.asList(Given.value(names, NAME, "names of fields")));
    }

    @Override
    public void apply(Sample sample, RandomStream random) {
        double angle = Math.toRadians(degrees * (2 * random.uniform() - 1));
        double right = translate * (2 * random.uniform() - 1);
        double down = translate * (2 * random.uniform() - 1);
        double scale = minScale + (maxScale - minScale) * random.uniform();
        double sheared = Math.toRadians(shear * (2 * random.uniform() - 1));
        Warp.apply(
                NAME,
                sample,
                fields,
                (height, width) -> Warp.around(
                        height, width, angle, sheared, scale, Math.rint(right * width), Math.rint(down * height)));
    }
}
