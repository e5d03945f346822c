package org.alborz.nn;

import java.util.Arrays;
import org.alborz.random.RandomStream;
import org.alborz.type.Shape;

/** See {@link Initializer#dirac}. */
record DiracInitializer(int groups) implements Initializer {
    DiracInitializer {
        if (groups < 1) {
            throw new IllegalArgumentException("Initializer.dirac expects at least 1 group, got " + groups);
        }
    }

    @Override
    public void fill(Shape shape, double[] values, RandomStream random) {
        if (shape.rank() < 3 || shape.size(0) % groups != 0) {
            throw new IllegalArgumentException("Initializer.dirac expects weights [out, in, …] of a convolution with a"
                    + " multiple of " + groups + " outputs, got " + shape);
        }
        Arrays.fill(values, 0);
        int inputs = shape.size(1);
        int kernel = 1;
        int centre = 0;
        for (int axis = 2; axis < shape.rank(); axis++) {
            kernel *= shape.size(axis);
            centre = centre * shape.size(axis) + shape.size(axis) / 2;
        }
        int outputs = shape.size(0) / groups;
        for (int group = 0; group < groups; group++) {
            for (int i = 0; i < Math.min(outputs, inputs); i++) {
                values[((group * outputs + i) * inputs + i) * kernel + centre] = 1;
            }
        }
    }
}
