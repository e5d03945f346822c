package org.alborz.data;

import java.util.Arrays;
import java.util.List;
import org.alborz.random.RandomStream;
import org.alborz.text.Given;
import org.alborz.type.DType;

/**
 * Applies one of 14 changes, each equally likely, with a strength that is uniform over 31 steps (Müller and Hutter 2021,
 * "TrivialAugment: tuning-free yet state-of-the-art data augmentation"): the wide range of the paper, as torchvision's
 * {@code TrivialAugmentWide} has it. The changes are none, shear and shift along either side, rotation, brightness, colour, contrast,
 * sharpness, posterising, solarising, and widening or equalising the range of each channel. Moved pixels are not interpolated; the area
 * outside of the image is filled with the mean of a normalised field, and with 0 in others.
 *
 * @param fields the names of images {@code [3, H, W]} of uint8 stored channels-last; field 0 where there are none
 */
public record TrivialAugment(List<String> fields) implements Transform {
    private static final String NAME = "TrivialAugment";
    private static final int STEPS = 31;

    /** What one sample may get. */
    private enum Change {
        NONE,
        SHEAR_X,
        SHEAR_Y,
        TRANSLATE_X,
        TRANSLATE_Y,
        ROTATE,
        BRIGHTNESS,
        COLOUR,
        CONTRAST,
        SHARPNESS,
        POSTERIZE,
        SOLARIZE,
        AUTO_CONTRAST,
        EQUALIZE
    }

    private static final Change[] CHANGES = Change.values();

    public TrivialAugment {
        fields = ImageShapes.requireNames(NAME, fields);
    }

    public TrivialAugment(String... fields) {
        this(Arrays.asList(Given.value(fields, NAME, "names of fields")));
    }

    @Override
    public void apply(Sample sample, RandomStream random) {
        Change change = CHANGES[random.nextInt(CHANGES.length)];
        float strength = random.nextInt(STEPS) / (STEPS - 1f);
        int sign = random.nextInt(2) == 0 ? 1 : -1;
        for (int i = 0; i < Math.max(1, fields.size()); i++) {
            int field = ImageShapes.field(sample, fields, i);
            Field of = sample.fields().get(field);
            Pixels.require(NAME, of, 3);
            if (of.type() != DType.UINT8) {
                throw new IllegalArgumentException(NAME + " expects images of uint8, got the field " + of);
            }
            apply(change, strength, sign, sample, field);
        }
    }

    /** Applies a change with a strength from 0 to 1. */
    private static void apply(Change change, float strength, int sign, Sample sample, int field) {
        float signed = sign * strength;
        switch (change) {
            case NONE -> {}
            case SHEAR_X, SHEAR_Y, TRANSLATE_X, TRANSLATE_Y, ROTATE ->
                warp(change, signed, sample, field).apply(sample, field, false);
            case BRIGHTNESS, COLOUR, CONTRAST, SHARPNESS -> recolour(change, 1 + 0.99f * signed, sample, field);
            case POSTERIZE -> Levels.posterize(sample, field, 8 - Math.round(strength * 6));
            case SOLARIZE -> Levels.solarize(sample, field, 255 * (1 - strength));
            case AUTO_CONTRAST -> Levels.widen(sample, field);
            case EQUALIZE -> Levels.equalize(sample, field);
        }
    }

    private static Warp warp(Change change, float signed, Sample sample, int field) {
        int height = sample.fields().get(field).shape().size(1);
        int width = sample.fields().get(field).shape().size(2);
        double shear = 0.99 * signed;
        int pixels = (int) (32 * signed);
        return switch (change) {
            case SHEAR_X -> new Warp(1, shear, shear / 2, 0, 1, 0, null);
            case SHEAR_Y -> new Warp(1, 0, 0, shear, 1, shear / 2, null);
            case TRANSLATE_X -> new Warp(1, 0, -pixels, 0, 1, 0, null);
            case TRANSLATE_Y -> new Warp(1, 0, 0, 0, 1, -pixels, null);
            default -> Warp.around(height, width, Math.toRadians(135 * signed), 0, 1, 0, 0);
        };
    }

    private static void recolour(Change change, float factor, Sample sample, int field) {
        Field of = sample.fields().get(field);
        float[] rgb = Pixels.load(sample, field);
        switch (change) {
            case BRIGHTNESS -> Colours.brightness(rgb, of.elements(), factor);
            case COLOUR -> Colours.saturation(rgb, of.elements(), factor);
            case CONTRAST -> Colours.contrast(rgb, of.elements(), factor);
            default -> Colours.sharpness(rgb, of.shape().size(1), of.shape().size(2), factor);
        }
        Pixels.store(sample, field, rgb);
    }
}
