package org.alborz.graph;

import java.util.Locale;

/**
 * A tensor that a computation reads and does not compute.
 *
 * @param name a parameter's, an input's, or that of the tensor; a constant without one is called so with a number
 */
public record Leaf(Kind kind, String name, Value value) {
    /** What a leaf is. */
    public enum Kind {
        PARAMETER,
        INPUT,
        CONSTANT
    }

    @Override
    public String toString() {
        return kind.name().toLowerCase(Locale.ROOT) + " " + name + " " + value.spec();
    }
}
