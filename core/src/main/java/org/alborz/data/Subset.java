package org.alborz.data;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.alborz.text.Given;

/** Some samples of another dataset, in the order of the given indices. */
public final class Subset implements Dataset {
    private final Dataset whole;
    private final int[] indices;

    /** Selects the samples at the given indices; one may be selected more than once. */
    public Subset(Dataset whole, int... indices) {
        this.whole = Given.value(whole, "Subset", "a dataset");
        this.indices = Given.value(indices, "Subset", "indices").clone();
        for (int index : indices) {
            if (index < 0 || index >= whole.size()) {
                throw new IllegalArgumentException("Subset expects indices from 0 to " + (whole.size() - 1) + ", got "
                        + index + "; of " + whole.description());
            }
        }
    }

    /** Selects the first {@code count} samples, or the whole dataset where it has no more. */
    public static Dataset first(Dataset whole, int count) {
        if (count < 1) {
            throw new IllegalArgumentException("Subset expects a limit of at least 1 sample, got " + count);
        }
        return count >= Given.value(whole, "Subset", "a dataset").size() ? whole : range(whole, 0, count);
    }

    /** Selects the samples from {@code from} up to but not including {@code to}. */
    public static Subset range(Dataset whole, int from, int to) {
        if (from < 0
                || from > to
                || to > Given.value(whole, "Subset", "a dataset").size()) {
            throw new IllegalArgumentException("Subset expects a range inside 0 to " + whole.size() + ", got " + from
                    + " to " + to + "; of " + whole.description());
        }
        return new Subset(whole, Samples.range(from, to, whole));
    }

    @Override
    public int size() {
        return indices.length;
    }

    @Override
    public List<Field> fields() {
        return whole.fields();
    }

    @Override
    public List<String> classes() {
        return whole.classes();
    }

    @Override
    public int label(int index) {
        return whole.label(indices[Samples.index(index, this)]);
    }

    @Override
    public void read(int index, Sample into) {
        whole.read(indices[Samples.index(index, this)], into);
    }

    @Override
    public String description() {
        return String.format(Locale.ROOT, "%,d samples of: %s [%s]", indices.length, whole.description(), which());
    }

    /** Names a range by its ends and any other choice by a hash, since another choice is other data. */
    private String which() {
        boolean range = indices.length > 0;
        for (int i = 1; i < indices.length && range; i++) {
            range = indices[i] == indices[0] + i;
        }
        return range
                ? "from " + indices[0] + " to " + indices[indices.length - 1]
                : "choice " + Integer.toHexString(Arrays.hashCode(indices));
    }
}
