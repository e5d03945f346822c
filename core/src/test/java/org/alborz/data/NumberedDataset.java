package org.alborz.data;

import java.util.Arrays;
import java.util.List;
import org.alborz.type.DType;

/** Samples whose every value is the sample's index; labels are the index modulo 3. */
class NumberedDataset implements Dataset {
    private final int size;
    private final List<Field> fields;

    NumberedDataset(int size, int... shape) {
        this.size = size;
        this.fields = List.of(Field.of("input", DType.FLOAT32, shape), Field.of("label", DType.INT32));
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
        return List.of("a", "b", "c");
    }

    @Override
    public void read(int index, Sample into) {
        Arrays.fill(into.floats(0), into.at(0), into.at(0) + fields.get(0).elements(), index);
        into.set(1, index % 3);
    }

    @Override
    public String description() {
        return "numbered samples";
    }
}
