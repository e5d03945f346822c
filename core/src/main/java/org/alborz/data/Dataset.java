package org.alborz.data;

import java.util.Arrays;
import java.util.List;
import org.alborz.text.Given;

/**
 * Samples that can be read in any order, by several threads at once. Each consists of the same named fields.
 *
 * <p>The presets of training take field 0 as the model's input and field 1, where there is one, as its target. Sample {@code i} is the
 * same whenever it is read; what varies is the business of a {@link Transform}.
 */
public interface Dataset {
    /** Returns the number of samples. */
    int size();

    /** Returns the fields of each sample, always the same, such as {@code image} and {@code label}. */
    List<Field> fields();

    /** Writes every field of one sample. */
    void read(int index, Sample into);

    /** Says in a line what these samples are; not in which folder, since a resumed run compares it and a folder may move. */
    String description();

    /**
     * Returns a checksum that tells datasets of one description apart, which a resumed run and the ranks of a group compare: of the classes
     * and of up to eight samples, evenly spread, which it reads. A dataset that cannot read those overrides it.
     *
     * @throws DataException when they cannot be read
     */
    default String checksum() {
        return ContentSample.of(this);
    }

    /** Returns the names of the classes that field 1, an integer, counts from 0; empty where the samples have no classes. */
    default List<String> classes() {
        return List.of();
    }

    /**
     * Returns the number of a sample's class, its field 1, for splits and samplers by class. It reads the whole sample; a dataset of
     * files should override it if it has the labels in memory.
     *
     * @throws IllegalArgumentException when field 1 is no int32 scalar
     */
    default int label(int index) {
        return Labels.read(this, index);
    }

    /**
     * Returns a dataset whose samples are made from this one's whenever they are read. It has this one's classes.
     *
     * @param fields of the new samples
     */
    default Dataset map(List<Field> fields, SampleMapping mapping) {
        return new MappedDataset(this, fields, mapping);
    }

    /** Returns the samples of several datasets of the same fields and classes, one dataset after another. */
    static Dataset concat(Dataset... parts) {
        return new ConcatDataset(Arrays.asList(Given.value(parts, "concat", "datasets")));
    }
}
