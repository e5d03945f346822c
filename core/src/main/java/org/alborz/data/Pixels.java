package org.alborz.data;

import org.alborz.type.DType;

/** Reads and writes the pixels of an image as numbers from 0 to 1, whether they are stored as bytes or as float32. */
final class Pixels {
    private Pixels() {}

    /** Refuses what is no image of the given number of channels in bytes or float32. */
    static void require(String what, Field field, int channels) {
        if (!isImage(field) || field.shape().size(0) != channels) {
            throw new IllegalArgumentException(what + " expects images [" + channels
                    + ", H, W] stored channels-last, of" + " uint8 or of float32 from 0 to 1, got the field " + field);
        }
    }

    /** Tells whether a field is an image {@code [C, H, W]} of bytes or float32. */
    static boolean isImage(Field field) {
        return field.channelsLast()
                && !field.isVariable()
                && (field.type() == DType.UINT8 || field.type() == DType.FLOAT32);
    }

    /** Returns the pixels, channels-last from 0 on, in memory that the next call reuses. */
    static float[] load(Sample sample, int field) {
        sample.settle(field);
        int elements = sample.fields().get(field).elements();
        float[] values = sample.work(elements);
        int at = sample.at(field);
        if (sample.array(field) instanceof byte[] bytes) {
            for (int i = 0; i < elements; i++) {
                values[i] = (bytes[at + i] & 0xFF) / 255f;
            }
        } else {
            System.arraycopy(sample.floats(field), at, values, 0, elements);
        }
        return values;
    }

    /** Writes pixels back. */
    static void store(Sample sample, int field, float[] values) {
        Object into = sample.array(field);
        int elements = sample.fields().get(field).elements();
        int at = sample.at(field);
        for (int i = 0; i < elements; i++) {
            set(into, at + i, values[i]);
        }
    }

    /** Writes one value; to bytes rounded, and what is outside of 0 to 1 as the nearer end. */
    static void set(Object into, int at, float value) {
        if (into instanceof byte[] bytes) {
            bytes[at] = (byte) (int) (clamp(value) * 255 + 0.5f);
        } else {
            ((float[]) into)[at] = value;
        }
    }

    static float clamp(float value) {
        return Math.max(0, Math.min(1, value));
    }

    /** Returns the value that fills the area outside of an image: the byte nearest to the mean of a normalised field, and 0 of others. */
    static int outside(Field field, int channel) {
        return field.isNormalized() ? field.normalization().meanByte(channel) & 0xFF : 0;
    }
}
