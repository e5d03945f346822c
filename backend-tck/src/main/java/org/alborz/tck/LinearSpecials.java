package org.alborz.tck;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What an operation that is linear in each input gives when one number is infinite, NaN or large: only the results and gradients that depend
 * on it notice. Made from the entry's oracle.
 */
final class LinearSpecials {
    private LinearSpecials() {}

    /** Adds cases in which one element of the inputs with the given places, or of the gradient, is infinite or NaN. */
    static OpEntry added(OpEntry entry, int... unusual) {
        return added(entry, new double[] {Double.POSITIVE_INFINITY, Double.NaN}, unusual);
    }

    /** The same with a large number, for operations that may multiply zeros around an input by the other one. */
    static OpEntry addedLarge(OpEntry entry, int... unusual) {
        return added(entry, new double[] {0x1p66}, unusual);
    }

    private static OpEntry added(OpEntry entry, double[] numbers, int... unusual) {
        Sample sample = entry.smoothSamples().get(0);
        List<SpecialCase> cases = new ArrayList<>();
        for (double number : numbers) {
            for (int input : unusual) {
                HostArray[] inputs = sample.inputs().clone();
                inputs[input] = withMiddle(number, inputs[input]);
                cases.add(result(entry, number + " in input " + input, inputs));
            }
            cases.add(gradients(entry, number, sample.inputs()));
        }
        return entry.atSpecialValues(cases);
    }

    private static HostArray withMiddle(double number, HostArray array) {
        double[] values = array.values().clone();
        values[values.length / 2] = number;
        return HostArray.of(array.shape(), values);
    }

    private static SpecialCase result(OpEntry entry, String name, HostArray[] inputs) {
        return SpecialCase.of(name, entry.function(), entry.oracle().apply(inputs), inputs)
                .cancellingBelow(1);
    }

    private static SpecialCase gradients(OpEntry entry, double number, HostArray[] inputs) {
        HostArray value = entry.oracle().apply(inputs);
        HostArray dy = withMiddle(number, HostArray.filled(1, value.shape()));
        return SpecialCase.of(number + " in the gradient", entry.function(), value, inputs)
                .withGradients(dy, gradients(entry, inputs, dy))
                .cancellingBelow(1);
    }

    private static HostArray[] gradients(OpEntry entry, HostArray[] inputs, HostArray dy) {
        return entry.watched().stream()
                .map(input -> gradient(entry, inputs, input, dy))
                .toArray(HostArray[]::new);
    }

    /** Adds up what each element of an input, being 1 among zeros, has to do with each result. */
    private static HostArray gradient(OpEntry entry, HostArray[] inputs, int input, HostArray dy) {
        HostArray[] changed = inputs.clone();
        changed[input] = HostArray.filled(0, inputs[input].shape());
        double[] without = entry.oracle().apply(changed).values();
        double[] gradient = new double[inputs[input].values().length];
        Arrays.setAll(gradient, k -> {
            double[] unit = new double[gradient.length];
            unit[k] = 1;
            changed[input] = HostArray.of(inputs[input].shape(), unit);
            double[] with = entry.oracle().apply(changed).values();
            double sum = 0;
            for (int j = 0; j < with.length; j++) {
                double slope = with[j] - without[j];
                sum += slope == 0 ? 0 : slope * dy.values()[j];
            }
            return sum;
        });
        return HostArray.of(inputs[input].shape(), gradient);
    }
}
