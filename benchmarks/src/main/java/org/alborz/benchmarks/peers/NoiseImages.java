package org.alborz.benchmarks.peers;

import java.util.List;
import java.util.stream.IntStream;
import org.alborz.data.Dataset;
import org.alborz.data.Field;
import org.alborz.data.Sample;
import org.alborz.type.DType;

/**
 * Images of noise in [−1, 1) with labels of no meaning, computed by a formula so that every contestant gets the same ones in no time.
 *
 * @param seed another one gives other images
 */
public record NoiseImages(int seed, int size) implements Dataset {
    private static final List<Field> FIELDS =
            List.of(Field.image("image", DType.FLOAT32, 3, 32, 32), Field.of("label", DType.INT32));
    private static final List<String> CLASSES =
            IntStream.range(0, 10).mapToObj(Integer::toString).toList();

    @Override
    public List<Field> fields() {
        return FIELDS;
    }

    @Override
    public List<String> classes() {
        return CLASSES;
    }

    @Override
    public void read(int index, Sample into) {
        float[] values = into.floats(0);
        int at = into.at(0);
        for (int i = 0; i < FIELDS.get(0).elements(); i++) {
            values[at + i] = (mix(seed, index, i) >> 8) * 0x1p-23f;
        }
        into.set(1, Math.floorMod(mix(seed, index, -1), CLASSES.size()));
    }

    @Override
    public String description() {
        return "noise of seed " + seed;
    }

    /** Mixes bits as MurmurHash3 finishes: each bit of the numbers changes half of the result's. */
    private static int mix(int a, int b, int c) {
        int h = a * 0x9E3779B9 + b * 0x85EBCA6B + c * 0xC2B2AE35;
        h = (h ^ h >>> 16) * 0x85EBCA6B;
        h = (h ^ h >>> 13) * 0xC2B2AE35;
        return h ^ h >>> 16;
    }
}
