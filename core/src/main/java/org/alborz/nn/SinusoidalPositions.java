package org.alborz.nn;

import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;

/**
 * Adds the positional encoding of Vaswani et al. 2017 (section 3.5) to each position of a sequence: sines of {@code position·10000^(−2i/C)}
 * at the even numbers 2i, and the cosines after them.
 */
public final class SinusoidalPositions implements Layer {
    private static final double BASE = 10_000;

    private final int size;
    private final int longest;
    private final Parameter table;

    /**
     * Makes the layer.
     *
     * @param size of the vectors, C
     * @param longest how many positions a sequence has at most
     */
    public SinusoidalPositions(int size, int longest) {
        if (size < 1 || longest < 1) {
            throw new IllegalArgumentException(
                    "SinusoidalPositions expects a size and places of at least 1, got " + size + " and " + longest);
        }
        this.size = size;
        this.longest = longest;
        this.table = Parameter.table(Shape.of(longest, size), (of, values, random) -> fill(values));
    }

    private void fill(double[] values) {
        for (int i = 0; i < values.length; i++) {
            int number = i % size;
            double angle = i / size * Math.pow(BASE, -(double) (number - number % 2) / size);
            values[i] = number % 2 == 0 ? Math.sin(angle) : Math.cos(angle);
        }
    }

    /**
     * Adds the positions.
     *
     * @param x {@code [N, T, C]}, T at most {@code longest}
     */
    @Override
    public Tensor forward(Tensor x, Pass pass) {
        return x.add(Positions.of(this, pass.use(table), x, 0).to(x.dtype()));
    }

    @Override
    public void describe(Structure structure) {
        structure.parameter("table", table);
    }

    @Override
    public String toString() {
        return "SinusoidalPositions(" + size + ", " + longest + ")";
    }
}
