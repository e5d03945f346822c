package org.alborz.data;

import java.util.Arrays;
import java.util.List;
import org.alborz.random.RandomStream;
import org.alborz.text.Given;

/**
 * Changes brightness, contrast, saturation and hue by random amounts, in random order, as torchvision's {@code ColorJitter} does.
 *
 * @param brightness factors are uniform from {@code max(0, 1 − brightness)} to {@code 1 + brightness}; 0 changes nothing, 1000 is the most
 * @param contrast as brightness
 * @param saturation as brightness
 * @param hue the largest turn in either direction, as a share of the circle, from 0 to 0.5
 * @param fields the names of images {@code [3, H, W]} stored channels-last, of uint8 or of float32 from 0 to 1; field 0 where there are
 *     none
 */
public record ColorJitter(double brightness, double contrast, double saturation, double hue, List<String> fields)
        implements Transform {
    private static final String NAME = "ColorJitter";

    public ColorJitter {
        ImageShapes.requireUpTo(NAME, "a brightness", brightness, "1000", 1000);
        ImageShapes.requireUpTo(NAME, "a contrast", contrast, "1000", 1000);
        ImageShapes.requireUpTo(NAME, "a saturation", saturation, "1000", 1000);
        ImageShapes.requireUpTo(NAME, "a hue", hue, "0.5", 0.5);
        fields = ImageShapes.requireNames(NAME, fields);
    }

    public ColorJitter(double brightness, double contrast, double saturation, double hue, String... fields) {
        this(brightness, contrast, saturation, hue, Arrays.asList(Given.value(fields, NAME, "names of fields")));
    }

    @Override
    public void apply(Sample sample, RandomStream random) {
        int[] order = {0, 1, 2, 3};
        random.shuffle(order);
        float[] amounts = {
            factor(brightness, random), factor(contrast, random), factor(saturation, random), turn(hue, random)
        };
        for (int i = 0; i < Math.max(1, fields.size()); i++) {
            int field = ImageShapes.field(sample, fields, i);
            Field of = sample.fields().get(field);
            Pixels.require(NAME, of, 3);
            float[] rgb = Pixels.load(sample, field);
            for (int step : order) {
                change(step, rgb, of.elements(), amounts[step]);
            }
            Pixels.store(sample, field, rgb);
        }
    }

    private static float factor(double range, RandomStream random) {
        double low = Math.max(0, 1 - range);
        float uniform = random.uniform();
        return range == 0 ? 1 : (float) (low + (1 + range - low) * uniform);
    }

    private static float turn(double hue, RandomStream random) {
        return (float) (hue * (2 * random.uniform() - 1));
    }

    private void change(int step, float[] rgb, int elements, float amount) {
        if (step == 0 && brightness > 0) {
            Colours.brightness(rgb, elements, amount);
        } else if (step == 1 && contrast > 0) {
            Colours.contrast(rgb, elements, amount);
        } else if (step == 2 && saturation > 0) {
            Colours.saturation(rgb, elements, amount);
        } else if (step == 3 && hue > 0) {
            Colours.hue(rgb, elements, amount);
        }
    }
}
