package org.alborz.data;

import java.util.Arrays;
import java.util.List;
import org.alborz.random.RandomStream;
import org.alborz.text.Described;
import org.alborz.text.Given;

/** Applies one of several transforms, each equally likely. */
public record RandomChoice(List<Transform> transforms) implements Transform {
    public RandomChoice {
        transforms = new Compose(Given.value(transforms, "RandomChoice", "transforms")).transforms();
        if (transforms.isEmpty()) {
            throw new IllegalArgumentException("RandomChoice expects at least 1 transform, got none");
        }
    }

    public RandomChoice(Transform... transforms) {
        this(Arrays.asList(Given.value(transforms, "RandomChoice", "transforms")));
    }

    @Override
    public void apply(Sample sample, RandomStream random) {
        transforms.get(random.nextInt(transforms.size())).apply(sample, random);
    }

    /** Names its transforms as a loader does, alike in every process. */
    @Override
    public String toString() {
        return "RandomChoice[transforms="
                + transforms.stream().map(Described::of).toList() + "]";
    }
}
