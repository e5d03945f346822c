package org.alborz.data;

import org.alborz.type.Shape;

/** The checks that image transforms share. */
final class ImageShapes {
    private ImageShapes() {}

    /** Refuses fields that are no images. */
    static Shape require(String what, Field field) {
        if (!field.channelsLast()) {
            throw new IllegalArgumentException(
                    what + " expects images [C, H, W] stored channels-last, got the field " + field);
        }
        return field.shape();
    }
}
