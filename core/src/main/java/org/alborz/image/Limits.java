package org.alborz.image;

import java.util.Locale;

/** How large an image may be; a small file can claim far more than fits into memory. */
final class Limits {
    static final int MAX_SIDE = 65_535;
    static final long MAX_PIXELS = 50_000_000;

    private Limits() {}

    /** Refuses sizes that no image has, or that are not read. */
    static void requireSize(long width, long height) throws ImageException {
        if (width < 1 || height < 1) {
            throw new ImageException("it says it has " + width + " x " + height + " pixels, so it is damaged");
        }
        if (width > MAX_SIDE || height > MAX_SIDE || width * height > MAX_PIXELS) {
            throw new ImageException(String.format(
                    Locale.ROOT,
                    "it has %,d x %,d pixels; at most %,d are read, and %,d a side. Make it smaller first",
                    width,
                    height,
                    MAX_PIXELS,
                    MAX_SIDE));
        }
    }

    /** Refuses what would take more than half of the memory that Java may use. */
    static void requireMemory(long bytes) throws ImageException {
        long most = Runtime.getRuntime().maxMemory() / 2;
        if (bytes > most) {
            throw new ImageException(String.format(
                    Locale.ROOT,
                    "decoding it takes %,d MB, and at most %,d MB of Java's memory are used for that. Give Java more, or"
                            + " make it smaller first",
                    bytes >> 20,
                    most >> 20));
        }
    }
}
