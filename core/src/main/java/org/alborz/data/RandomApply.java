package org.alborz.data;

import java.util.Arrays;
import java.util.List;
import org.alborz.random.RandomStream;
import org.alborz.text.Given;

/** Applies transforms one after another, all of them with the given probability, or none. */
public record RandomApply(double probability, Compose transforms) implements Transform {
    public RandomApply {
        ImageShapes.requireProbability("RandomApply", probability);
        Given.value(transforms, "RandomApply", "transforms");
    }

    public RandomApply(double probability, List<Transform> transforms) {
        this(probability, new Compose(transforms));
    }

    public RandomApply(double probability, Transform... transforms) {
        this(probability, Arrays.asList(Given.value(transforms, "RandomApply", "transforms")));
    }

    @Override
    public void apply(Sample sample, RandomStream random) {
        if (random.uniform() < probability) {
            transforms.apply(sample, random);
        }
    }
}
