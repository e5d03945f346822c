package org.alborz.data;

import org.alborz.text.Given;

/**
 * How samples of different lengths become one tensor: each is padded at its end to the longest of its batch.
 *
 * @param value what the places behind a sample's end hold
 * @param multipleOf the padded length is rounded up to a multiple of it, so that there are fewer different shapes
 * @param lengths the name of an int32 field {@code [N]} added to the batch, which holds each sample's length; null for none
 * @param mask the name of a bool field {@code [N, L]} added to the batch, true where a value is a sample's own; null for none
 */
public record Padding(double value, int multipleOf, String lengths, String mask) {
    private static final int MOST_MULTIPLE = 1 << 16;

    public Padding {
        if (multipleOf < 1 || multipleOf > MOST_MULTIPLE) {
            throw new IllegalArgumentException(
                    "Padding expects lengths to be a multiple of 1 to " + MOST_MULTIPLE + ", got " + multipleOf);
        }
    }

    /** Pads with zeros, and adds no fields. */
    public Padding() {
        this(0);
    }

    /** Pads with a value, and adds no fields. */
    public Padding(double value) {
        this(value, 1, null, null);
    }

    /** Returns this padding with lengths that are rounded up to a multiple. */
    public Padding multipleOf(int multiple) {
        return new Padding(value, multiple, lengths, mask);
    }

    /** Returns this padding with a field of lengths. */
    public Padding lengths(String field) {
        return new Padding(value, multipleOf, Given.value(field, "Padding", "the name of a field of lengths"), mask);
    }

    /** Returns this padding with a field that masks the samples' own values. */
    public Padding mask(String field) {
        return new Padding(value, multipleOf, lengths, Given.value(field, "Padding", "the name of a field of masks"));
    }

    /** Returns the length that samples of at most the given length are padded to; at least 1. */
    int padded(int longest) {
        return (int) ((Math.max(1, longest) + multipleOf - 1L) / multipleOf * multipleOf);
    }
}
