package org.alborz.tck;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoublePredicate;
import java.util.stream.IntStream;

/**
 * An operation at values where a formula easily goes wrong (0, infinities, NaN, extreme magnitudes, ties), with what it gives there by
 * mathematics and, where that leaves a choice, as PyTorch does.
 *
 * @param function the operation, with the parameters of this case
 * @param dy the gradient of the result, of its shape
 * @param value the result
 * @param first the gradient by each watched input; none where the operation has no gradient
 * @param second {@code second[i][k]} is the gradient by watched input k of Σ w·{@code first[i]} with w = {@link #weights}; none where
 *     it is not specified
 * @param floor a magnitude below which errors are not relative to the result but to this
 */
record SpecialCase(
        String name,
        OpEntry.TensorFunction function,
        List<HostArray> inputs,
        HostArray dy,
        HostArray value,
        List<HostArray> first,
        List<List<HostArray>> second,
        double floor) {
    /** Starts a case of which only the result is specified. */
    static SpecialCase of(String name, OpEntry.TensorFunction function, HostArray value, HostArray... inputs) {
        return new SpecialCase(
                name, function, List.of(inputs), HostArray.filled(1, value.shape()), value, List.of(), List.of(), 0);
    }

    /** Specifies the gradients for a gradient of the result. */
    SpecialCase withGradients(HostArray ofResult, HostArray... gradients) {
        return new SpecialCase(name, function, inputs, ofResult, value, List.of(gradients), second, floor);
    }

    SpecialCase withSecond(List<List<HostArray>> gradients) {
        return new SpecialCase(name, function, inputs, dy, value, first, gradients, floor);
    }

    /** Specifies that the gradients are no functions of the inputs. */
    SpecialCase withoutSecond() {
        List<HostArray> zeros = new ArrayList<>();
        first.forEach(gradient -> zeros.add(HostArray.filled(0, gradient.shape())));
        List<List<HostArray>> all = new ArrayList<>();
        first.forEach(gradient -> all.add(zeros));
        return withSecond(all);
    }

    /** Allows errors of cancellation below a magnitude. */
    SpecialCase cancellingBelow(double magnitude) {
        return new SpecialCase(name, function, inputs, dy, value, first, second, magnitude);
    }

    /** Returns what stands before a gradient when its own gradient is taken. */
    static HostArray weights(HostArray gradient) {
        return Objective.weights(gradient.shape());
    }

    /** Tells whether the inputs and the result are vectors of one length. */
    boolean isElementwise() {
        return value.shape().rank() == 1
                && inputs.stream().allMatch(input -> input.shape().equals(value.shape()));
    }

    /** Returns the elements of an element-wise case whose numbers all fulfil a condition, without second gradients. */
    SpecialCase where(DoublePredicate condition) {
        List<HostArray> all = new ArrayList<>(inputs);
        all.add(dy);
        all.add(value);
        all.addAll(first);
        int[] places = IntStream.range(0, value.values().length)
                .filter(i -> all.stream().allMatch(array -> condition.test(array.values()[i])))
                .toArray();
        return new SpecialCase(
                name,
                function,
                inputs.stream().map(array -> taken(array, places)).toList(),
                taken(dy, places),
                taken(value, places),
                first.stream().map(array -> taken(array, places)).toList(),
                List.of(),
                floor);
    }

    private static HostArray taken(HostArray vector, int... places) {
        return HostArray.vector(
                Arrays.stream(places).mapToDouble(i -> vector.values()[i]).toArray());
    }

    /** Returns the inputs at an element of the result where all have its shape, else all of them. */
    String inputsAt(int element) {
        boolean alike = isElementwise();
        StringBuilder text = new StringBuilder();
        for (HostArray input : inputs) {
            text.append(text.isEmpty() ? "" : ", ")
                    .append(alike ? input.values()[element] : Arrays.toString(input.values()));
        }
        return text.toString();
    }

    @Override
    public String toString() {
        return name;
    }
}
