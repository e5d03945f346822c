package org.alborz.data;

import java.util.List;
import org.alborz.text.Described;
import org.alborz.text.Given;

/** The samples of another dataset, each made into one with other fields. */
final class MappedDataset implements Dataset {
    private final Dataset source;
    private final List<Field> fields;
    private final SampleMapping mapping;

    /** Each thread's memory for a sample of the source. */
    private final ThreadLocal<Sample> memory;

    MappedDataset(Dataset source, List<Field> fields, SampleMapping mapping) {
        this.source = source;
        this.fields = Fields.require("map", fields);
        this.mapping = Given.value(mapping, "map", "a mapping");
        this.memory = ThreadLocal.withInitial(() -> Sample.of(source.fields()));
    }

    @Override
    public int size() {
        return source.size();
    }

    @Override
    public List<Field> fields() {
        return fields;
    }

    @Override
    public void read(int index, Sample into) {
        Sample from = memory.get();
        from.read(source, index);
        mapping.map(from, into);
    }

    @Override
    public List<String> classes() {
        return source.classes();
    }

    @Override
    public String description() {
        return source.description() + ", mapped by " + Described.of(mapping);
    }
}
