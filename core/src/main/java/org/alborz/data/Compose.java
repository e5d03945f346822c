package org.alborz.data;

import java.util.List;
import org.alborz.random.RandomStream;
import org.alborz.type.Shape;

/** Applies transforms one after another. */
public record Compose(List<Transform> transforms) implements Transform {
    public Compose {
        transforms = List.copyOf(transforms);
    }

    public Compose(Transform... transforms) {
        this(List.of(transforms));
    }

    @Override
    public void apply(float[] values, int at, Shape shape, RandomStream random) {
        for (int i = 0; i < transforms.size(); i++) {
            transforms.get(i).apply(values, at, shape, random);
        }
    }
}
