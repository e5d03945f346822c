package org.alborz.image;

/** A row of pixels in the making. */
final class RgbRow {
    private final float[] values;

    RgbRow(int width) {
        this.values = new float[width * 3];
    }

    float[] values() {
        return values;
    }

    /**
     * Sets a pixel's samples, each from 0 to 1, laid over white; an opaque pixel keeps them to the last bit.
     *
     * @param alpha 1 for opaque
     */
    void set(int x, float red, float green, float blue, float alpha) {
        values[x * 3] = red;
        values[x * 3 + 1] = green;
        values[x * 3 + 2] = blue;
        if (alpha != 1) {
            for (int i = x * 3; i < x * 3 + 3; i++) {
                values[i] = 1 + alpha * (values[i] - 1);
            }
        }
    }

    /** Sets a pixel to red, green and blue in the lower 24 bits. */
    void set(int x, int rgb) {
        set(x, (rgb >> 16 & 0xFF) / 255f, (rgb >> 8 & 0xFF) / 255f, (rgb & 0xFF) / 255f, 1);
    }

    /** Sets a pixel to what a transparent one becomes. */
    void clear(int x) {
        set(x, 0xFFFFFF);
    }
}
