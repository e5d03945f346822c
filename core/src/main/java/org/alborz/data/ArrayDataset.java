package org.alborz.data;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.alborz.text.Given;

/**
 * Samples held in Java arrays, which are copied.
 *
 * <p>A field's array is indexed by the sample first: {@code float[N][features]}, {@code float[N][C][H][W]} or {@code int[N]}. Its type
 * is float32, float64, int32, int64, uint8 (from {@code byte}, 0 to 255) or bool by the array's; samples of three axes are taken for
 * images {@code [C, H, W]}, and stored channels-last.
 *
 * <pre>{@code
 * Dataset iris = ArrayDataset.of(measurements, species); // float[150][4], int[150]
 * }</pre>
 */
public final class ArrayDataset implements Dataset {
    private final List<Field> fields;
    private final List<SampleArray> arrays;
    private final List<String> classes;
    private final int size;
    private final String description;

    private ArrayDataset(Builder builder) {
        this.arrays = List.copyOf(builder.arrays);
        this.fields = Fields.require(
                "ArrayDataset", arrays.stream().map(SampleArray::field).toList());
        this.size = arrays.get(0).count();
        for (SampleArray array : arrays) {
            if (array.count() != size) {
                throw new IllegalArgumentException("ArrayDataset expects as many samples in each array, got " + size
                        + " of '" + fields.get(0).name() + "' and " + array.count() + " of '"
                        + array.field().name() + "'");
            }
        }
        this.classes = builder.classes;
        requireLabels();
        this.description = String.format(
                Locale.ROOT,
                "%,d samples in memory (%s; content %s)",
                size,
                String.join(", ", fields.stream().map(Field::toString).toList()),
                SampleArray.digest(arrays));
    }

    /**
     * Holds inputs and targets: the fields {@code input} and {@code target}.
     *
     * @param x an array of samples
     * @param y an array of as many targets
     */
    public static ArrayDataset of(Object x, Object y) {
        return builder().field("input", x).field("target", y).build();
    }

    /**
     * Holds inputs and classes: the fields {@code input} and {@code label}. The classes are named by their numbers; with
     * {@link Builder#classes} by words.
     *
     * @param x an array of samples
     * @param labels the class of each, from 0
     */
    public static ArrayDataset of(Object x, int[] labels) {
        int most = 0;
        for (int i = 0; i < Given.value(labels, "ArrayDataset", "labels").length; i++) {
            if (labels[i] < 0 || labels[i] >= ClassNames.MOST) {
                throw new IllegalArgumentException("ArrayDataset expects labels from 0 to " + (ClassNames.MOST - 1)
                        + ", got " + labels[i] + " of sample " + i
                        + "; of labels -1 and 1 take (x + 1) / 2, else correct it, or add numbers that are no classes with"
                        + " builder().field(name, int[])");
            }
            most = Math.max(most, labels[i]);
        }
        return builder()
                .field("input", x)
                .field("label", labels)
                .classes(IntStream.rangeClosed(0, Math.max(1, most))
                        .mapToObj(Integer::toString)
                        .toList())
                .build();
    }

    /**
     * Holds inputs and classes named by words: the fields {@code input} and {@code label}. The classes are the words that occur, sorted, and
     * a label is the place of its word among them; {@link #classes} has them. Two datasets number alike only where the same words occur
     * in both, so split one into training and validation.
     *
     * @param x an array of samples
     * @param labels the name of the class of each
     */
    public static ArrayDataset of(Object x, String[] labels) {
        Given.value(labels, "ArrayDataset", "labels");
        for (int i = 0; i < labels.length; i++) {
            Given.value(labels[i], "ArrayDataset", "a label of sample " + i);
        }
        List<String> names = Stream.of(labels).distinct().sorted().toList();
        return builder()
                .field("input", x)
                .field(
                        "label",
                        Stream.of(labels)
                                .mapToInt(label -> Collections.binarySearch(names, label))
                                .toArray())
                .classes(names)
                .build();
    }

    /** Starts the description of a dataset of any fields. */
    public static Builder builder() {
        return new Builder();
    }

    private void requireLabels() {
        if (classes.isEmpty()) {
            return;
        }
        if (!Fields.haveLabel(fields)) {
            throw new IllegalArgumentException(
                    "ArrayDataset with classes expects labels in its second array, an int[], got the fields " + fields);
        }
        int[] labels = (int[]) arrays.get(1).values();
        for (int i = 0; i < size; i++) {
            if (labels[i] < 0 || labels[i] >= classes.size()) {
                throw new IllegalArgumentException("ArrayDataset expects labels from 0 to " + (classes.size() - 1)
                        + " for its classes, got " + labels[i] + " of sample " + i);
            }
        }
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public List<Field> fields() {
        return fields;
    }

    @Override
    public List<String> classes() {
        return classes;
    }

    @Override
    public int label(int index) {
        Samples.index(index, this);
        return Fields.haveLabel(fields) ? ((int[]) arrays.get(1).values())[index] : Labels.read(this, index);
    }

    @Override
    public void read(int index, Sample into) {
        Samples.index(index, this);
        for (int i = 0; i < arrays.size(); i++) {
            arrays.get(i).read(index, into, i);
        }
    }

    @Override
    public String description() {
        return description;
    }

    @Override
    public String toString() {
        return description();
    }

    /** Describes an {@link ArrayDataset}. */
    public static final class Builder {
        private final List<SampleArray> arrays = new ArrayList<>();
        private List<String> classes = List.of();

        private Builder() {}

        /**
         * Adds a field.
         *
         * @param values an array of numbers or truth values with one to four indices, of which the first counts samples; all of one
         *     size along each
         */
        public Builder field(String name, Object values) {
            arrays.add(SampleArray.nested(name, values));
            return this;
        }

        /**
         * Adds a field whose samples differ in length.
         *
         * @param values an array with two or three indices, of which the first counts samples and the second may have another size in
         *     each
         */
        public Builder variable(String name, Object values) {
            arrays.add(SampleArray.variable(name, values));
            return this;
        }

        /**
         * Adds a field from one array that holds a sample after another.
         *
         * @param values such as {@code float[]}, in the field's order in memory
         */
        public Builder field(Field field, Object values) {
            arrays.add(SampleArray.flat(field, values));
            return this;
        }

        /** Names the classes that the second field, an {@code int[]}, counts from 0. */
        public Builder classes(List<String> names) {
            classes = List.copyOf(ClassNames.require(Given.value(names, "ArrayDataset", "class names")));
            return this;
        }

        /** Names the classes that the second field, an {@code int[]}, counts from 0. */
        public Builder classes(String... names) {
            return classes(List.of(Given.value(names, "ArrayDataset", "class names")));
        }

        public ArrayDataset build() {
            if (arrays.isEmpty()) {
                throw new IllegalArgumentException("ArrayDataset expects at least 1 field, got none");
            }
            return new ArrayDataset(this);
        }
    }
}
