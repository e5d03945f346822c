package org.alborz.data;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.alborz.text.Given;

/** The samples of several datasets, one after another. */
final class ConcatDataset implements Dataset {
    private final List<Dataset> parts;

    /** Where each part's samples end. */
    private final int[] ends;

    ConcatDataset(List<Dataset> parts) {
        for (Dataset part : Given.value(parts, "concat", "datasets")) {
            Given.value(part, "concat", "datasets");
        }
        if (parts.isEmpty()) {
            throw new IllegalArgumentException("concat expects at least 1 dataset, got none");
        }
        this.parts = List.copyOf(parts);
        this.ends = new int[parts.size()];
        long end = 0;
        for (int i = 0; i < ends.length; i++) {
            requireAlike(parts.get(0), parts.get(i));
            end += parts.get(i).size();
            ends[i] = (int) end;
            if (end > Integer.MAX_VALUE) {
                throw new IllegalArgumentException(
                        "concat expects at most " + Integer.MAX_VALUE + " samples in all, got more");
            }
        }
    }

    private static void requireAlike(Dataset first, Dataset other) {
        if (!first.fields().equals(other.fields())) {
            throw new IllegalArgumentException("concat expects datasets of the same fields, got " + first.fields()
                    + " of " + first.description() + " and " + other.fields() + " of " + other.description());
        }
        if (!first.classes().equals(other.classes())) {
            throw new IllegalArgumentException("concat expects datasets of the same classes, got " + first.description()
                    + " and " + other.description());
        }
    }

    @Override
    public int size() {
        return ends[ends.length - 1];
    }

    @Override
    public List<Field> fields() {
        return parts.get(0).fields();
    }

    @Override
    public int label(int index) {
        int part = part(index);
        return parts.get(part).label(inPart(part, index));
    }

    @Override
    public void read(int index, Sample into) {
        int part = part(index);
        parts.get(part).read(inPart(part, index), into);
    }

    /** Returns which dataset has a sample. */
    private int part(int index) {
        Samples.index(index, this);
        int found = Arrays.binarySearch(ends, index);
        int part = found < 0 ? -found - 1 : found + 1;
        while (ends[part] == index) { // of empty datasets that end there as well
            part++;
        }
        return part;
    }

    private int inPart(int part, int index) {
        return part == 0 ? index : index - ends[part - 1];
    }

    @Override
    public List<String> classes() {
        return parts.get(0).classes();
    }

    @Override
    public String description() {
        return parts.stream().map(Dataset::description).collect(Collectors.joining(", and "));
    }
}
