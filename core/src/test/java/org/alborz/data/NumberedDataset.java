package org.alborz.data;

import java.util.Arrays;
import java.util.List;
import org.alborz.type.Shape;

/** Samples whose every value is the sample's index; labels are the index modulo 3. */
class NumberedDataset implements Dataset {
    private final int size;
    private final Shape shape;

    NumberedDataset(int size, int... shape) {
        this.size = size;
        this.shape = Shape.of(shape);
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public Shape sampleShape() {
        return shape;
    }

    @Override
    public List<String> classes() {
        return List.of("a", "b", "c");
    }

    @Override
    public int label(int index) {
        return index % 3;
    }

    @Override
    public void read(int index, float[] into, int at) {
        Arrays.fill(into, at, at + sampleElements(), index);
    }

    @Override
    public String description() {
        return "numbered samples";
    }
}
