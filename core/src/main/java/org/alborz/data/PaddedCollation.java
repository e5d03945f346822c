package org.alborz.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.alborz.type.DType;
import org.alborz.type.Shape;

/** Pads variable fields; the others of a batch are the samples' own arrays. */
final class PaddedCollation implements Collation {
    private final List<Field> samples;
    private final Padding[] paddings;

    /** Where the lengths and the mask of each field are in the batch, or −1. */
    private final int[] lengths;

    private final int[] masks;
    private final List<Field> fields;

    /**
     * Describes the padding of samples.
     *
     * @param paddings one a field, null for those that do not vary
     */
    PaddedCollation(List<Field> samples, Padding[] paddings) {
        this.samples = samples;
        this.paddings = paddings;
        this.lengths = new int[paddings.length];
        this.masks = new int[paddings.length];
        List<Field> all = new ArrayList<>();
        for (int i = 0; i < paddings.length; i++) {
            Field field = samples.get(i);
            if (paddings[i] != null && !HostArrays.has(field.type(), paddings[i].value())) {
                throw new IllegalArgumentException(
                        "Padding of the field " + field + " expects a value of its type, got " + paddings[i].value());
            }
            all.add(paddings[i] == null ? field : longest(field, paddings[i]));
        }
        for (int i = 0; i < paddings.length; i++) {
            lengths[i] = -1;
            masks[i] = -1;
            if (paddings[i] != null && paddings[i].lengths() != null) {
                lengths[i] = all.size();
                all.add(Field.of(paddings[i].lengths(), DType.INT32));
            }
            if (paddings[i] != null && paddings[i].mask() != null) {
                masks[i] = all.size();
                all.add(Field.of(paddings[i].mask(), DType.BOOL, all.get(i).variableSize())
                        .variable(0));
            }
        }
        this.fields = Fields.require("Padding", all);
    }

    /** Returns the field with the length that its longest samples are padded to. */
    private static Field longest(Field field, Padding padding) {
        Shape shape = field.shape().with(field.variableAxis(), padding.padded(field.variableSize()));
        return new Field(field.name(), field.type(), shape, field.channelsLast(), field.variableAxis(), null);
    }

    @Override
    public String toString() {
        return Arrays.toString(paddings);
    }

    @Override
    public List<Field> fields(List<Field> ofSamples) {
        return fields;
    }

    @Override
    public void collate(Batch from, Batch into) {
        for (int i = 0; i < paddings.length; i++) {
            if (paddings[i] == null) {
                continue;
            }
            int longest = 0;
            for (int n = 0; n < from.size(); n++) {
                longest = Math.max(longest, from.length(i, n));
            }
            int padded = paddings[i].padded(longest);
            into.lengthen(i, padded);
            pad(from, into, i, padded);
            if (lengths[i] >= 0) {
                System.arraycopy(from.lengths(i), 0, into.ints(lengths[i]), 0, from.size());
            }
            if (masks[i] >= 0) {
                into.lengthen(masks[i], padded);
                mask(from.lengths(i), from.size(), padded, into.booleans(masks[i]));
            }
        }
    }

    /** Copies [outer, length, inner] of each sample into [outer, padded, inner]. */
    @SuppressWarnings("SuspiciousSystemArraycopy") // both are arrays of the field's type
    private void pad(Batch from, Batch into, int i, int padded) {
        Field field = samples.get(i);
        int inner = field.innerElements();
        int outer = field.elements() / inner / field.variableSize();
        Object source = from.array(i);
        Object target = into.array(i);
        double value = paddings[i].value();
        int to = 0;
        for (int n = 0; n < from.size(); n++) {
            int at = from.at(i, n);
            int own = from.length(i, n) * inner;
            for (int o = 0; o < outer; o++) {
                System.arraycopy(source, at, target, to, own);
                HostArrays.fill(target, to + own, to + padded * inner, value);
                at += own;
                to += padded * inner;
            }
        }
    }

    private static void mask(int[] lengths, int count, int padded, boolean[] into) {
        for (int n = 0; n < count; n++) {
            Arrays.fill(into, n * padded, n * padded + lengths[n], true);
            Arrays.fill(into, n * padded + lengths[n], (n + 1) * padded, false);
        }
    }
}
