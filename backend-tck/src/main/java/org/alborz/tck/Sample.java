package org.alborz.tck;

import org.alborz.type.Shape;

/**
 * Inputs of an operation, inside its domain.
 *
 * @param smooth whether the operation is smooth around them, so that differences can check its gradient
 */
record Sample(String name, boolean smooth, HostArray... inputs) {
    /** Returns inputs that keep off kinks, for all checks. */
    static Sample smooth(HostArray... inputs) {
        return new Sample(shapes(inputs), true, inputs);
    }

    /** Returns inputs for the forward check only. */
    static Sample forward(HostArray... inputs) {
        return new Sample(shapes(inputs), false, inputs);
    }

    Sample named(String newName) {
        return new Sample(newName, smooth, inputs);
    }

    private static String shapes(HostArray... inputs) {
        StringBuilder names = new StringBuilder();
        for (HostArray input : inputs) {
            Shape shape = input.shape();
            names.append(names.isEmpty() ? "" : " ").append(shape.rank() == 0 ? "scalar" : shape.toString());
        }
        return names.toString();
    }

    @Override
    public String toString() {
        return name;
    }
}
