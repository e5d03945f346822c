package org.alborz.nn;

import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;

/**
 * Rotary positions (Su et al. 2021): rotates each pair of elements of a query or key by an angle proportional to its position, so that their
 * products depend on the distance of their positions. Number i of the first half is paired with number i of the second, as in Llama; pair i turns by
 * {@code position·base^(−2i/E)}.
 */
public final class RotaryPositions implements Module {
    private static final double BASE = 10_000;

    private final int size;
    private final int longest;
    private final double base;
    private final Parameter cosines;
    private final Parameter sines;

    /**
     * Makes the positions.
     *
     * @param size of a head, E, which is even
     * @param longest how many positions there are at most
     */
    public RotaryPositions(int size, int longest) {
        this(size, longest, BASE);
    }

    private RotaryPositions(int size, int longest, double base) {
        if (size < 2 || size % 2 != 0 || longest < 1) {
            throw new IllegalArgumentException(
                    "RotaryPositions expects an even size of at least 2 and at least 1 place, got " + size + " and "
                            + longest);
        }
        if (!(base > 1) || Double.isInfinite(base)) {
            throw new IllegalArgumentException("RotaryPositions expects a finite base above 1, got " + base);
        }
        this.size = size;
        this.longest = longest;
        this.base = base;
        Shape shape = Shape.of(longest, size / 2);
        cosines = Parameter.table(shape, (of, values, random) -> fill(values, false));
        sines = Parameter.table(shape, (of, values, random) -> fill(values, true));
    }

    /** Returns these positions with another base of the angles than 10000. */
    public RotaryPositions base(double other) {
        return new RotaryPositions(size, longest, other);
    }

    private void fill(double[] values, boolean sine) {
        int half = size / 2;
        for (int i = 0; i < values.length; i++) {
            double angle = i / half * Math.pow(base, -2.0 * (i % half) / size);
            values[i] = sine ? Math.sin(angle) : Math.cos(angle);
        }
    }

    /**
     * Turns queries or keys.
     *
     * @param x {@code [N, heads, T, E]}
     * @param first the position of the first of the T
     * @return the same shape
     */
    public Tensor rotate(Tensor x, int first, Pass pass) {
        Shape shape = x.shape();
        if (shape.rank() != 4 || shape.size(3) != size || first < 0 || first > longest - shape.size(2)) {
            throw new IllegalArgumentException("RotaryPositions expects [N, heads, T, " + size + "] within the "
                    + longest + " places, got " + x.describe() + " from place " + first + " on");
        }
        Tensor cosine = table(cosines, x, first, pass);
        Tensor sine = table(sines, x, first, pass);
        Tensor a = x.narrow(3, 0, size / 2);
        Tensor b = x.narrow(3, size / 2, size / 2);
        return Tensor.concat(3, a.mul(cosine).sub(b.mul(sine)), b.mul(cosine).add(a.mul(sine)));
    }

    private static Tensor table(Parameter parameter, Tensor x, int first, Pass pass) {
        return pass.use(parameter).narrow(0, first, x.shape().size(2)).to(x.dtype());
    }

    @Override
    public void describe(Structure structure) {
        structure.parameter("cosines", cosines);
        structure.parameter("sines", sines);
    }

    @Override
    public String toString() {
        return "RotaryPositions(" + size + ", " + longest + (base == BASE ? "" : ", base " + base) + ")";
    }
}
