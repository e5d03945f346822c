package org.alborz.data;

import org.alborz.random.RandomStream;

/**
 * Changes one sample in place, such as by augmentation. A resumed run must have the same transforms and compares their {@code toString},
 * which a record has by itself.
 */
public interface Transform {
    /**
     * Changes the sample. Whatever is random comes from {@code random}, which stands at a place of this sample's own, so that the
     * result does not depend on threads or batches.
     */
    void apply(Sample sample, RandomStream random);
}
