package org.alborz.nn;

import java.util.Arrays;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;

/** The rectifier whose slope below 0 is learned: x where positive, else {@code weight·x} (He et al. 2015). Slopes start at 0.25. */
public final class PRelu implements Fresh {
    private static final double START = 0.25;

    private final int channels;
    private final Parameter weight;

    /**
     * Makes a layer with a slope for each channel, of axis 1.
     *
     * @param channels how many there are, or 1 for one slope for all
     */
    public PRelu(int channels) {
        this(channels, START);
    }

    /** Makes a layer whose slopes start at a number. */
    public PRelu(int channels, double start) {
        if (channels < 1 || !Double.isFinite(start)) {
            throw new IllegalArgumentException(
                    "PRelu expects at least 1 channel and a finite start, got " + channels + " and " + start);
        }
        this.channels = channels;
        this.weight = Parameter.of(Shape.of(channels), Initializer.constant(start));
    }

    /**
     * Computes {@code x > 0 ? x : weight·x}.
     *
     * @param input {@code [N, channels, ...]}, or of any shape where there is one slope for all
     */
    @Override
    public Tensor forward(Tensor input, Pass pass) {
        try (Scope scope = input.session().scope("PRelu")) {
            Tensor x = pass.input(input, weight);
            Shape shape = x.shape();
            if (channels > 1 && (shape.rank() < 2 || shape.size(1) != channels)) {
                throw new IllegalArgumentException("PRelu expects input [N, " + channels + ", ...], got " + shape);
            }
            int[] sizes = new int[Math.max(1, shape.rank() - 1)];
            Arrays.fill(sizes, 1);
            sizes[0] = channels;
            Tensor slopes = pass.use(weight).reshape(sizes);
            // Not x times the slope where x is not chosen: of ∞ the slope's gradient would be NaN.
            return scope.keep(Tensor.where(x.gt(0), x, x.minimum(0).mul(slopes)));
        }
    }

    @Override
    public void describe(Structure structure) {
        structure.parameter("weight", weight);
    }

    @Override
    public String toString() {
        return "PRelu(" + channels + ")";
    }
}
