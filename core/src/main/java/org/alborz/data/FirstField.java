package org.alborz.data;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.alborz.text.Given;

/** What mappings share that replace field 0 by numbers computed from it. */
final class FirstField {
    private FirstField() {}

    /** Returns field 0 of a dataset that has samples of one length. */
    static Field require(String whose, Dataset data) {
        if (Given.value(data, whose, "a dataset").size() < 1
                || data.fields().get(0).isVariable()) {
            throw new IllegalArgumentException(
                    whose + " expects at least 1 sample whose first field has one length, got " + data.size()
                            + " with the field " + data.fields().get(0) + " of " + data.description());
        }
        return data.fields().get(0);
    }

    static void requireSame(String whose, Field field, Dataset data) {
        if (!field.equals(Given.value(data, whose, "a dataset").fields().get(0))) {
            throw new IllegalArgumentException(whose + " expects the first field " + field
                    + ", as the samples it was computed from, got "
                    + data.fields().get(0) + " of "
                    + data.description());
        }
    }

    /** Returns field 0 as numbers, in the order in memory; the array is reused by the next call with this sample. */
    static float[] numbers(Sample sample) {
        Field field = sample.fields().get(0);
        if (field.isNormalized()) {
            return sample.normalized(0);
        }
        float[] values = sample.work(field.elements());
        for (int i = 0; i < field.elements(); i++) {
            values[i] = (float) HostArrays.get(sample.array(0), sample.at(0) + i);
        }
        return values;
    }

    /** Copies all fields but the first. */
    static void copyOthers(Sample from, Sample into) {
        for (int field = 1; field < from.fields().size(); field++) {
            if (from.fields().get(field).isVariable()) {
                into.length(field, from.length(field));
            }
            into.put(field, from.array(field), from.at(field));
        }
    }

    /** Returns a checksum. */
    static String digest(float[]... arrays) {
        CRC32C sum = new CRC32C();
        ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES);
        for (float[] values : arrays) {
            for (float value : values) {
                sum.update(bytes.clear().putFloat(value).flip());
            }
        }
        return Long.toHexString(sum.getValue());
    }
}
