package org.alborz.data;

import java.util.Arrays;
import java.util.List;
import org.alborz.random.RandomStream;
import org.alborz.text.Described;
import org.alborz.text.Given;

/** Applies transforms one after another. */
public record Compose(List<Transform> transforms) implements Transform {
    public Compose {
        for (Transform transform : Given.value(transforms, "Compose", "transforms")) {
            Given.value(transform, "Compose", "transforms");
        }
        transforms = List.copyOf(transforms);
    }

    public Compose(Transform... transforms) {
        this(Arrays.asList(Given.value(transforms, "Compose", "transforms")));
    }

    @Override
    public void apply(Sample sample, RandomStream random) {
        for (int i = 0; i < transforms.size(); i++) {
            transforms.get(i).apply(sample, random);
        }
    }

    /** Names its transforms as a loader does, alike in every process. */
    @Override
    public String toString() {
        return "Compose[transforms=" + transforms.stream().map(Described::of).toList() + "]";
    }
}
