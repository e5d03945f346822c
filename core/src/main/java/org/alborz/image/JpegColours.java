package org.alborz.image;

/** Turns the components of a JPEG file into colours, with the roundings of libjpeg. */
enum JpegColours {
    GREY {
        @Override
        void convert(byte[] samples, int at, int x, RgbRow row) {
            int grey = samples[at] & 0xFF;
            row.set(x, grey << 16 | grey << 8 | grey);
        }
    },
    RGB {
        @Override
        void convert(byte[] samples, int at, int x, RgbRow row) {
            row.set(x, (samples[at] & 0xFF) << 16 | (samples[at + 1] & 0xFF) << 8 | samples[at + 2] & 0xFF);
        }
    },
    YCBCR {
        @Override
        void convert(byte[] samples, int at, int x, RgbRow row) {
            row.set(x, fromYcbcr(samples, at));
        }
    },
    CMYK {
        @Override
        void convert(byte[] samples, int at, int x, RgbRow row) {
            int cmy = (samples[at] & 0xFF) << 16 | (samples[at + 1] & 0xFF) << 8 | samples[at + 2] & 0xFF;
            row.set(x, darken(cmy, samples[at + 3] & 0xFF));
        }
    },
    YCCK {
        @Override
        void convert(byte[] samples, int at, int x, RgbRow row) {
            // YCCK is CMY, taken for RGB, as YCbCr: what comes out is complemented.
            row.set(x, darken(0xFFFFFF ^ fromYcbcr(samples, at), samples[at + 3] & 0xFF));
        }
    };

    private static final int ONE = 1 << 16;
    private static final int HALF = ONE / 2;

    /** Sets a pixel from its components, which start at {@code at}. */
    abstract void convert(byte[] samples, int at, int x, RgbRow row);

    /** Returns what the components are, by the rules of libjpeg. */
    static JpegColours of(JpegFile file) {
        int[] ids = file.frame();
        if (ids.length == 1) {
            return GREY;
        }
        if (ids.length == 4) {
            return file.adobeTransform() > 0 ? YCCK : CMYK;
        }
        if (file.jfif()) {
            return YCBCR;
        }
        if (file.adobeTransform() >= 0) {
            return file.adobeTransform() == 0 ? RGB : YCBCR;
        }
        return ids[0] == 'R' && ids[1] == 'G' && ids[2] == 'B' ? RGB : YCBCR;
    }

    /** Returns red, green and blue (ITU-T T.871). */
    private static int fromYcbcr(byte[] samples, int at) {
        int y = samples[at] & 0xFF;
        int cb = (samples[at + 1] & 0xFF) - 128;
        int cr = (samples[at + 2] & 0xFF) - 128;
        int red = y + (fixed(1.402) * cr + HALF >> 16);
        int green = y + (-fixed(0.34414) * cb - fixed(0.71414) * cr + HALF >> 16);
        int blue = y + (fixed(1.772) * cb + HALF >> 16);
        return clamp(red) << 16 | clamp(green) << 8 | clamp(blue);
    }

    private static int fixed(double factor) {
        return (int) (factor * ONE + 0.5);
    }

    private static int clamp(int value) {
        return Math.max(0, Math.min(255, value));
    }

    /** Returns inverted cyan, magenta and yellow as red, green and blue, darkened by inverted black. */
    private static int darken(int cmy, int black) {
        int red = black - product(255 - (cmy >> 16 & 0xFF), black);
        int green = black - product(255 - (cmy >> 8 & 0xFF), black);
        int blue = black - product(255 - (cmy & 0xFF), black);
        return red << 16 | green << 8 | blue;
    }

    /** Returns {@code a·b / 255}, rounded. */
    private static int product(int a, int b) {
        int sum = a * b + 128;
        return sum + (sum >> 8) >> 8;
    }
}
