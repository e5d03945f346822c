package org.alborz.nn;

import org.alborz.type.Shape;

/** What the variance of first weights is divided by. Of weights {@code [out, in, KH, KW]}, fan-in is {@code in·KH·KW} and fan-out {@code out·KH·KW}. */
public enum FanMode {
    /** How many inputs one output sums over, which keeps the variance of the forward pass. */
    FAN_IN,
    /** How many outputs one input reaches, which keeps that of the gradients. */
    FAN_OUT,
    /** The mean of both. */
    FAN_AVERAGE;

    double of(Shape shape) {
        return switch (this) {
            case FAN_IN -> fan(shape, 0);
            case FAN_OUT -> fan(shape, 1);
            case FAN_AVERAGE -> (fan(shape, 0) + fan(shape, 1)) / 2;
        };
    }

    private static double fan(Shape shape, int without) {
        return shape.rank() < 2 ? shape.elements() : (double) shape.elements() / shape.size(without);
    }
}
