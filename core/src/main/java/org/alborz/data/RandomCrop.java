package org.alborz.data;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.alborz.random.RandomStream;
import org.alborz.text.Given;

/**
 * Pads an image on all sides with zeros and crops it back to its size at a random place, and with it the fields that show the same
 * places, such as a mask. In a normalised field the padding is 0 after normalisation, which is the mean colour; transforms of one's own
 * that move pixels go before it, since they do not move that padding. With {@link #reflecting} the padding is the image itself, mirrored
 * at its border, whose pixels are not repeated.
 *
 * @param padding how far the image may move in each direction, in pixels; less than its sides
 * @param reflects whether the padding is the image mirrored, and not zeros
 * @param fields the names of what is cropped alike: images {@code [C, H, W]} stored channels-last or planes {@code [H, W]}, of any type;
 *     field 0 where there are none
 */
public record RandomCrop(int padding, boolean reflects, List<String> fields) implements Transform {
    private static final String NAME = "RandomCrop";
    private static final int MAX_PADDING = 1 << 14;

    public RandomCrop {
        if (padding < 0 || padding > MAX_PADDING) {
            throw new IllegalArgumentException(
                    "RandomCrop expects a padding from 0 to " + MAX_PADDING + ", got " + padding);
        }
        fields = ImageShapes.requireNames(NAME, fields);
    }

    public RandomCrop(int padding, String... fields) {
        this(padding, false, Arrays.asList(Given.value(fields, NAME, "names of fields")));
    }

    /** Returns this transform with the image, mirrored, as padding. */
    public RandomCrop reflecting() {
        return new RandomCrop(padding, true, fields);
    }

    @Override
    public void apply(Sample sample, RandomStream random) {
        int down = draw(random);
        int right = draw(random);
        for (int i = 0; i < Math.max(1, fields.size()); i++) {
            int field = ImageShapes.field(sample, fields, i);
            Field of = sample.fields().get(field);
            int height = ImageShapes.height(NAME, of);
            int width = of.shape().size(-1);
            requireSmaller(of);
            int channels = ImageShapes.channels(of);
            if (reflects) {
                sample.settle(field);
                reflect(sample, field, height, width, down, right);
            } else {
                shift(sample.array(field), sample.at(field), height, width * channels, down, right * channels);
                sample.shifted(field, down, right);
            }
        }
    }

    /** Draws how far an image moves; first down, then to the right. */
    int draw(RandomStream random) {
        return random.nextInt(2 * padding + 1) - padding;
    }

    /** Refuses images that are not larger than the padding. */
    private void requireSmaller(Field of) {
        refuses(of).ifPresent(reason -> {
            throw new IllegalArgumentException(reason);
        });
    }

    /** Returns why images cannot be cropped, or nothing where they can. */
    Optional<String> refuses(Field of) {
        return padding < ImageShapes.height(NAME, of) && padding < of.shape().size(-1)
                ? Optional.empty()
                : Optional.of("RandomCrop expects images larger than its padding of " + padding
                        + ", got samples of shape " + of.shape() + "; some would be nothing but padding");
    }

    /** Sets the pixel at (h, w) to that at (h + down, w + right), or its mirror image outside. */
    @SuppressWarnings("SuspiciousSystemArraycopy") // both are arrays of the field's type
    private static void reflect(Sample sample, int field, int height, int width, int down, int right) {
        int channels = ImageShapes.channels(sample.fields().get(field));
        Object from = sample.copy(field);
        int to = sample.at(field);
        for (int h = 0; h < height; h++) {
            int row = mirrored(h + down, height) * width;
            for (int w = 0; w < width; w++) {
                int source = (row + mirrored(w + right, width)) * channels;
                System.arraycopy(from, source, sample.array(field), to, channels);
                to += channels;
            }
        }
    }

    private static int mirrored(int place, int size) {
        return place < 0 ? -place : place >= size ? 2 * (size - 1) - place : place;
    }

    /** Sets the value in row h and place i to that in row h + down and place i + right, or zero outside. */
    @SuppressWarnings("SuspiciousSystemArraycopy") // within one array
    static void shift(Object values, int at, int height, int rowLength, int down, int right) {
        int columns = Math.max(-rowLength, Math.min(rowLength, right));
        int kept = rowLength - Math.abs(columns);
        for (int i = 0; i < height; i++) {
            // Rows are written in the order in which none is overwritten before it is read.
            int h = down >= 0 ? i : height - 1 - i;
            int row = at + h * rowLength;
            if (h + down < 0 || h + down >= height) {
                HostArrays.fill(values, row, row + rowLength, 0);
                continue;
            }
            int source = row + down * rowLength;
            System.arraycopy(values, source + Math.max(0, columns), values, row + Math.max(0, -columns), kept);
            int gap = columns >= 0 ? row + kept : row;
            HostArrays.fill(values, gap, gap + rowLength - kept, 0);
        }
    }

    /** For padding with zeros, the text of earlier versions, so that their runs can be resumed. */
    @Override
    public String toString() {
        return "RandomCrop[padding=" + padding + (reflects ? ", reflects" : "") + ", fields=" + fields + "]";
    }
}
