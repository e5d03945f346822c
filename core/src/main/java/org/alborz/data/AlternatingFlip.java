package org.alborz.data;

import java.util.Arrays;
import java.util.List;
import org.alborz.random.RandomStream;
import org.alborz.text.Given;

/**
 * Mirrors each image left to right in every second epoch, and with it the fields that show the same places, such as a mask. A hash of the image's index
 * decides whether in the even or the odd ones, so two epochs in a row show each image in both ways, which learns faster than flips at random (Jordan 2024,
 * "94% on CIFAR-10 in 3.29 Seconds on a Single GPU", section 3.6).
 *
 * <p>It needs the index and the epoch of a {@link DataLoader}; samples that are read without one are those of epoch 0.
 *
 * @param seed of the hash
 * @param fields the names of what is mirrored: images {@code [C, H, W]} stored channels-last or planes {@code [H, W]}, of any type;
 *     field 0 where there are none
 */
public record AlternatingFlip(long seed, List<String> fields) implements Transform {
    private static final String NAME = "AlternatingFlip";
    private static final long GOLDEN_RATIO = 0x9E3779B97F4A7C15L;

    public AlternatingFlip {
        fields = ImageShapes.requireNames(NAME, fields);
    }

    public AlternatingFlip(long seed, String... fields) {
        this(seed, Arrays.asList(Given.value(fields, NAME, "names of fields")));
    }

    @Override
    public void apply(Sample sample, RandomStream random) {
        RandomHorizontalFlip.mirror(NAME, sample, fields, mirrors(sample.index(), sample.epoch()));
    }

    /** Decides whether the image of an index is mirrored in an epoch. */
    boolean mirrors(int index, int epoch) {
        long hash = mixed(mixed(seed) + (index + 1) * GOLDEN_RATIO);
        return ((hash + epoch) & 1) == 1;
    }

    /** Returns SplitMix64's hash (Steele et al. 2014). */
    private static long mixed(long value) {
        long z = (value ^ value >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        return z ^ z >>> 31;
    }
}
