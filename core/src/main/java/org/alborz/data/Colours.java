package org.alborz.data;

/**
 * Changes of the colours of an image of red, green and blue, channels-last, each from 0 to 1, as torchvision computes them for floats.
 * Results are within 0 to 1.
 */
final class Colours {
    private static final float RED = 0.2989f;
    private static final float GREEN = 0.587f;
    private static final float BLUE = 0.114f;

    private Colours() {}

    /** Returns the brightness of a pixel (ITU-R BT.601). */
    private static float grey(float[] rgb, int at) {
        return RED * rgb[at] + GREEN * rgb[at + 1] + BLUE * rgb[at + 2];
    }

    private static float blend(float value, float other, float factor) {
        return Pixels.clamp(value * factor + other * (1 - factor));
    }

    /** Multiplies by a factor; 1 changes nothing. */
    static void brightness(float[] rgb, int elements, float factor) {
        for (int i = 0; i < elements; i++) {
            rgb[i] = blend(rgb[i], 0, factor);
        }
    }

    /** Moves from the image's mean brightness; 1 changes nothing, and 0 gives that mean. */
    static void contrast(float[] rgb, int elements, float factor) {
        double sum = 0;
        for (int i = 0; i < elements; i += 3) {
            sum += grey(rgb, i);
        }
        float mean = (float) (sum / (elements / 3));
        for (int i = 0; i < elements; i++) {
            rgb[i] = blend(rgb[i], mean, factor);
        }
    }

    /** Moves from each pixel's brightness; 1 changes nothing, and 0 gives grey. */
    static void saturation(float[] rgb, int elements, float factor) {
        for (int i = 0; i < elements; i += 3) {
            float grey = grey(rgb, i);
            for (int c = 0; c < 3; c++) {
                rgb[i + c] = blend(rgb[i + c], grey, factor);
            }
        }
    }

    /** Turns the hue by a share of the circle. */
    static void hue(float[] rgb, int elements, float turn) {
        for (int i = 0; i < elements; i += 3) {
            float r = rgb[i];
            float g = rgb[i + 1];
            float b = rgb[i + 2];
            float most = Math.max(r, Math.max(g, b));
            float range = most - Math.min(r, Math.min(g, b));
            if (range == 0) {
                continue; // grey has no hue
            }
            float sixth;
            if (most == r) {
                sixth = (g - b) / range;
            } else if (most == g) {
                sixth = 2 + (b - r) / range;
            } else {
                sixth = 4 + (r - g) / range;
            }
            float hue = sixth / 6 + 1 + turn;
            fromHue((hue - (float) Math.floor(hue)) * 6, range / most, most, rgb, i);
        }
    }

    /** Writes the pixel of a hue in sixths of the circle, a saturation and a value. */
    private static void fromHue(float hue, float saturation, float value, float[] rgb, int at) {
        int sixth = (int) hue;
        float f = hue - sixth;
        float p = Pixels.clamp(value * (1 - saturation));
        float q = Pixels.clamp(value * (1 - saturation * f));
        float t = Pixels.clamp(value * (1 - saturation * (1 - f)));
        switch (sixth % 6) {
            case 0 -> set(rgb, at, value, t, p);
            case 1 -> set(rgb, at, q, value, p);
            case 2 -> set(rgb, at, p, value, t);
            case 3 -> set(rgb, at, p, q, value);
            case 4 -> set(rgb, at, t, p, value);
            default -> set(rgb, at, value, p, q);
        }
    }

    private static void set(float[] rgb, int at, float r, float g, float b) {
        rgb[at] = r;
        rgb[at + 1] = g;
        rgb[at + 2] = b;
    }

    /** Moves from a smoothed image, whose border is not smoothed; 1 changes nothing, and 0 gives the smoothed one. */
    static void sharpness(float[] rgb, int height, int width, float factor) {
        float[] from = rgb.clone();
        int row = 3 * width;
        for (int h = 1; h < height - 1; h++) {
            for (int i = h * row + 3; i < (h + 1) * row - 3; i++) {
                float sum = 4 * from[i];
                for (int y = -row; y <= row; y += row) {
                    sum += from[i + y - 3] + from[i + y] + from[i + y + 3];
                }
                rgb[i] = blend(from[i], sum / 13, factor);
            }
        }
    }
}
