package org.alborz.nn;

import org.alborz.tensor.Scope;
import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;

/**
 * The keys and values that an attention layer computed for earlier positions, so that generation computes each position once. Its memory, for all
 * positions, is allocated when the first ones are added and kept until {@link #close}.
 */
public final class KeyValueCache implements AutoCloseable {
    private final int longest;
    private Scope scope;
    private Tensor keys;
    private Tensor values;
    private int length;

    /**
     * Makes an empty cache.
     *
     * @param longest how many positions it holds at most
     */
    public KeyValueCache(int longest) {
        if (longest < 1) {
            throw new IllegalArgumentException("KeyValueCache expects at least 1 place, got " + longest);
        }
        this.longest = longest;
    }

    /** Returns how many positions are held. */
    public int length() {
        return length;
    }

    /** Removes all positions, so that another sequence can begin; the memory is kept. */
    public void clear() {
        length = 0;
    }

    /** Adds the next positions, {@code [N, heads, T, E]} each. */
    void add(Tensor k, Tensor v) {
        Shape shape = k.shape();
        if (shape.size(2) > longest - length) {
            throw new IllegalArgumentException("KeyValueCache holds " + longest + " places, got "
                    + (length + (long) shape.size(2)) + "; make it longer, or clear it");
        }
        if (keys == null) {
            scope = k.session().freeStandingScope("KeyValueCache");
            keys = scope.adopt(k.session().zeros(shape.with(2, longest), k.dtype()));
            values = scope.adopt(v.session().zeros(v.shape().with(2, longest), v.dtype()));
        }
        if (!keys.shape().with(2, 1).equals(shape.with(2, 1))) {
            throw new IllegalArgumentException("KeyValueCache holds keys " + keys.shape() + ", got " + k.describe()
                    + "; use a cache of its own for each layer and each batch size");
        }
        keys.narrow(2, length, shape.size(2)).assign(k);
        values.narrow(2, length, shape.size(2)).assign(v);
        length += shape.size(2);
    }

    /** Returns the keys so far. */
    Tensor keys() {
        return keys.narrow(2, 0, length);
    }

    /** Returns the values so far. */
    Tensor values() {
        return values.narrow(2, 0, length);
    }

    /** Releases the memory. */
    @Override
    public void close() {
        if (scope != null) {
            scope.close();
            scope = null;
            keys = null;
            values = null;
            length = 0;
        }
    }
}
