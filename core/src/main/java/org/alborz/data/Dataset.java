package org.alborz.data;

import java.util.List;
import org.alborz.type.Shape;

/**
 * Labelled samples that can be read in any order, by several threads at once.
 *
 * <p>Sample {@code i} is the same whenever it is read; what varies is the business of a {@link Transform}.
 */
public interface Dataset {
    /** Returns the number of samples. */
    int size();

    /** Returns the shape of one sample: {@code [C, H, W]} for images, {@code [features]} otherwise. */
    Shape sampleShape();

    /** Returns the classes' names; a label is an index into them. */
    List<String> classes();

    /** Returns the label of one sample. */
    int label(int index);

    /**
     * Writes one sample in memory order: an image channels-last, so that the value of channel {@code c} at row {@code
     * h} and column {@code w} lies at {@code at + (h·W + w)·C + c}; features one after another.
     *
     * @param into receives {@link #sampleElements} values from {@code at} on
     */
    void read(int index, float[] into, int at);

    /** Says in a line what these samples are; not in which folder, since a resumed run compares it and a folder may move. */
    String description();

    /** Returns the number of values of one sample. */
    default int sampleElements() {
        long elements = sampleShape().elements();
        if (elements > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("A sample has at most " + Integer.MAX_VALUE + " values, got "
                    + sampleShape() + "; of " + description());
        }
        return (int) elements;
    }
}
