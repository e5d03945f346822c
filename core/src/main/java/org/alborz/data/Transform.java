package org.alborz.data;

import org.alborz.random.RandomStream;
import org.alborz.type.Shape;

/**
 * Changes one sample in place, such as by augmentation. A resumed run must have the same transforms and compares their {@code toString},
 * which a record has by itself.
 */
public interface Transform {
    /**
     * Changes the sample in {@code values} from {@code at} on, in the memory order of {@link Dataset#read}. Whatever is
     * random comes from {@code random}, which stands at a place of this sample's own, so that the result does not
     * depend on threads or batches.
     *
     * @param shape the sample's shape, {@code [C, H, W]} for images
     */
    void apply(float[] values, int at, Shape shape, RandomStream random);
}
