package org.alborz.tck;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * Derivatives of a function of a sample's inputs by central differences. They are computed when they are first asked for, and kept for the
 * data types and arrangements that share them.
 *
 * <p>An input is moved along a random direction, which every element has a part in, so one wrong element shows.
 */
final class Slopes {
    private static final int DIRECTIONS = 4;
    private static final double STEP = 1e-5;

    private final Sample sample;
    private final ToDoubleFunction<HostArray[]> function;
    private final Map<Integer, List<Slope>> ofInputs = new HashMap<>();

    /**
     * The derivative along a direction.
     *
     * @param ahead the function's value one step ahead
     */
    record Slope(String name, HostArray direction, double value, double ahead) {}

    Slopes(Sample sample, ToDoubleFunction<HostArray[]> function) {
        this.sample = sample;
        this.function = function;
    }

    /** Returns the derivatives by an input, one for each direction. */
    List<Slope> of(int input) {
        return ofInputs.computeIfAbsent(input, this::compute);
    }

    private List<Slope> compute(int input) {
        List<Slope> slopes = new ArrayList<>();
        for (int i = 0; i < DIRECTIONS; i++) {
            HostArray direction = HostArray.signed(901 + i, 0.5, 1, sample.inputs()[input].shape());
            double ahead = function.applyAsDouble(moved(input, STEP, direction));
            double behind = function.applyAsDouble(moved(input, -STEP, direction));
            slopes.add(new Slope("direction " + i, direction, (ahead - behind) / (2 * STEP), ahead));
        }
        return slopes;
    }

    private HostArray[] moved(int input, double distance, HostArray direction) {
        HostArray[] inputs = sample.inputs().clone();
        inputs[input] = inputs[input].moved(distance, direction);
        return inputs;
    }
}
