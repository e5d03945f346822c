package org.alborz.image;

import java.io.ByteArrayInputStream;
import java.io.IOException;

/** A decoded image: {@code rgb} holds values from 0 to 1, {@code [height, width, 3]}. */
record Decoded(int width, int height, float[] rgb) {
    static Decoded of(byte[] file) throws IOException {
        Collector collector = new Collector();
        ImageDecoder.decode(new ByteArrayInputStream(file), collector);
        return new Decoded(collector.width, collector.height, collector.rgb);
    }

    /** Returns the values times 255, rounded. */
    int[] bytes() {
        int[] bytes = new int[rgb.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = Math.round(rgb[i] * 255);
        }
        return bytes;
    }

    private static final class Collector implements PixelSink {
        private int width;
        private int height;
        private float[] rgb;

        @Override
        public void size(int width, int height) {
            this.width = width;
            this.height = height;
            this.rgb = new float[width * height * 3];
        }

        @Override
        public void row(int y, float[] row) {
            System.arraycopy(row, 0, rgb, y * width * 3, width * 3);
        }
    }
}
