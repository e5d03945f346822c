package org.alborz.data;

import org.alborz.type.Shape;

/** The checks that image transforms share. */
final class ImageShapes {
    private ImageShapes() {}

    /** Refuses shapes that are no image's, and images that do not lie in the array from {@code at} on. */
    static void require(String what, Shape shape, float[] values, int at) {
        if (shape.rank() != 3) {
            throw new IllegalArgumentException(what + " expects images [C, H, W], got samples of shape " + shape);
        }
        if (at < 0 || at > values.length - shape.elements()) {
            throw new IllegalArgumentException(what + " expects an image of shape " + shape + " from place " + at
                    + " on, got an array of " + values.length + " values");
        }
    }
}
