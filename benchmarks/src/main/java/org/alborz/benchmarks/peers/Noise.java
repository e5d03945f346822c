package org.alborz.benchmarks.peers;

import java.util.List;
import java.util.stream.IntStream;
import org.alborz.data.Dataset;
import org.alborz.data.Field;
import org.alborz.data.Sample;

/**
 * Noise in [−1, 1) with labels or targets of no meaning, computed by a formula so that every contestant gets the same in no time.
 *
 * @param net that reads it
 * @param seed another one gives other samples
 */
public record Noise(Net net, int seed, int size) implements Dataset {
    private static final List<String> CLASSES =
            IntStream.range(0, Net.CLASSES).mapToObj(Integer::toString).toList();

    @Override
    public List<Field> fields() {
        return net.fields();
    }

    @Override
    public List<String> classes() {
        return net.isClassifier() ? CLASSES : List.of();
    }

    @Override
    public void read(int index, Sample into) {
        fill(into, 0, seed, index);
        if (net.isClassifier()) {
            into.set(1, Math.floorMod(mix(seed, index, -1), CLASSES.size()));
        } else {
            fill(into, 1, ~seed, index);
        }
    }

    private void fill(Sample into, int field, int from, int index) {
        float[] values = into.floats(field);
        int at = into.at(field);
        for (int i = 0; i < fields().get(field).elements(); i++) {
            values[at + i] = (mix(from, index, i) >> 8) * 0x1p-23f;
        }
    }

    @Override
    public String description() {
        return "noise of seed " + seed + " for " + net.word();
    }

    /** Mixes bits as MurmurHash3 finishes: each bit of the numbers changes half of the result's. */
    private static int mix(int a, int b, int c) {
        int h = a * 0x9E3779B9 + b * 0x85EBCA6B + c * 0xC2B2AE35;
        h = (h ^ h >>> 16) * 0x85EBCA6B;
        h = (h ^ h >>> 13) * 0xC2B2AE35;
        return h ^ h >>> 16;
    }
}
