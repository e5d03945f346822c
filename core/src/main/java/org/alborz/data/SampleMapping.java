package org.alborz.data;

/**
 * Makes a sample from one of another dataset, such as a window from a series, or features from numbers; see {@link Dataset#map}.
 * Several threads may use it at once. A resumed run must have the same mapping and compares its {@code toString}, which a record has
 * by itself.
 */
@FunctionalInterface
public interface SampleMapping {
    /** Writes every field of a sample. */
    void map(Sample from, Sample into);
}
