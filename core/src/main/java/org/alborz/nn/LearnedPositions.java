package org.alborz.nn;

import org.alborz.tensor.Tensor;
import org.alborz.text.Given;
import org.alborz.type.Shape;

/**
 * Adds a learned vector to each position of a sequence, {@code y[n, t] = x[n, t] + weight[t]}, as in GPT (Radford et al. 2018). The vectors start normal with
 * standard deviation 0.02.
 */
public final class LearnedPositions implements Layer {
    private static final double USUAL = 0.02;

    private final int size;
    private final int longest;
    private final Parameter weight;

    /**
     * Makes the layer.
     *
     * @param size of the vectors, C
     * @param longest how many positions a sequence has at most
     */
    public LearnedPositions(int size, int longest) {
        this(size, longest, Initializer.normal(USUAL));
    }

    private LearnedPositions(int size, int longest, Initializer initializer) {
        if (size < 1 || longest < 1) {
            throw new IllegalArgumentException(
                    "LearnedPositions expects a size and places of at least 1, got " + size + " and " + longest);
        }
        this.size = size;
        this.longest = longest;
        this.weight =
                Parameter.of(Shape.of(longest, size), Given.value(initializer, "LearnedPositions", "an initializer"));
    }

    /** Returns this layer with vectors that start otherwise. */
    public LearnedPositions weight(Initializer initializer) {
        return new LearnedPositions(size, longest, initializer);
    }

    /**
     * Adds the positions.
     *
     * @param x {@code [N, T, C]}, T at most {@code longest}
     */
    @Override
    public Tensor forward(Tensor x, Pass pass) {
        return forward(x, 0, pass);
    }

    /**
     * Adds the vectors of later positions of a sequence, as in generation.
     *
     * @param first the position of the first of the T
     */
    public Tensor forward(Tensor x, int first, Pass pass) {
        return x.add(Positions.of(this, pass.use(weight), x, first).to(x.dtype()));
    }

    @Override
    public void describe(Structure structure) {
        structure.parameter("weight", weight);
    }

    @Override
    public String toString() {
        return "LearnedPositions(" + size + ", " + longest + ")";
    }
}
