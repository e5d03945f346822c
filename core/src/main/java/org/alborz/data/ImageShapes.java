package org.alborz.data;

import org.alborz.type.Shape;

/** The check that image transforms share. */
final class ImageShapes {
    private ImageShapes() {}

    static void require(String what, Shape shape) {
        if (shape.rank() != 3) {
            throw new IllegalArgumentException(what + " expects images [C, H, W], got samples of shape " + shape);
        }
    }
}
