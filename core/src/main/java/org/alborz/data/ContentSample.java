package org.alborz.data;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/** Tells datasets of one description apart by their classes and some of their samples. */
final class ContentSample {
    private static final int SAMPLES = 8;

    /** Values that are turned into bytes at a time. */
    private static final int PART = 1 << 14;

    private ContentSample() {}

    /** Returns a checksum of the classes and of up to eight samples, evenly spread; reads those samples. */
    static String of(Dataset dataset) {
        CRC32C sum = new CRC32C();
        for (String name : dataset.classes()) {
            byte[] text = name.getBytes(StandardCharsets.UTF_8);
            sum.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, text.length));
            sum.update(text);
        }
        int count = Math.min(SAMPLES, dataset.size());
        Sample sample = Sample.of(dataset.fields());
        ByteBuffer bytes = ByteBuffer.allocate(PART * Long.BYTES);
        for (int i = 0; i < count; i++) {
            sample.read(dataset, (int) ((long) i * (dataset.size() - 1) / Math.max(1, count - 1)));
            for (int field = 0; field < sample.fields().size(); field++) {
                int elements = sample.elements(field);
                sum.update(bytes.clear().putInt(elements).flip());
                for (int at = 0; at < elements; at += PART) {
                    HostArrays.toBytes(sample.array(field), at, Math.min(PART, elements - at), bytes.clear());
                    sum.update(bytes.flip());
                }
            }
        }
        return Long.toHexString(sum.getValue());
    }
}
