package org.alborz.data;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/** Tells datasets of one description apart by their classes and some of their samples. */
final class ContentSample {
    private static final int SAMPLES = 8;

    /** Values that are turned into bytes at a time. */
    private static final int PART = 1 << 16;

    private ContentSample() {}

    /** Returns a checksum of the classes and of up to eight samples and labels, evenly spread; reads those samples. */
    static String of(Dataset dataset) {
        CRC32C sum = new CRC32C();
        for (String name : dataset.classes()) {
            byte[] text = name.getBytes(StandardCharsets.UTF_8);
            sum.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, text.length));
            sum.update(text);
        }
        int count = Math.min(SAMPLES, dataset.size());
        float[] values = new float[dataset.sampleElements()];
        ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * Math.min(values.length, PART));
        for (int i = 0; i < count; i++) {
            int sample = (int) ((long) i * (dataset.size() - 1) / Math.max(1, count - 1));
            dataset.read(sample, values, 0);
            for (int at = 0; at < values.length; at += PART) {
                int part = Math.min(PART, values.length - at);
                bytes.clear().asFloatBuffer().put(values, at, part);
                sum.update(bytes.limit(part * Float.BYTES));
            }
            sum.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, dataset.label(sample)));
        }
        return Long.toHexString(sum.getValue());
    }
}
