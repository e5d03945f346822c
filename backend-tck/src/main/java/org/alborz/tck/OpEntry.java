package org.alborz.tck;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.alborz.tensor.Tensor;

/**
 * One operation of the catalogue, from which all its checks are made.
 *
 * @param function the operation as the engine offers it
 * @param oracle the same on the host by an obvious formula in double arithmetic
 * @param covers what this entry exercises: constants of the backends' enums, and classes of {@link org.alborz.ops.Op}
 * @param watched the inputs with respect to which the gradient is checked, in ascending order; none where there is no gradient
 * @param contiguous the inputs that must not be strided
 * @param specials what it gives at special values
 */
record OpEntry(
        String name,
        TensorFunction function,
        Oracle oracle,
        List<Sample> samples,
        Set<Object> covers,
        Tolerance tolerance,
        Set<Integer> watched,
        Set<Integer> contiguous,
        List<SpecialCase> specials) {
    /** An operation on tensors. */
    interface TensorFunction {
        Tensor apply(Tensor... inputs);
    }

    /** What the operation should give. */
    interface Oracle {
        HostArray apply(HostArray... inputs);
    }

    /** Starts an entry whose inputs are all differentiable, within the tolerance of sums of products. */
    static OpEntry of(String name, int inputs, TensorFunction function, Oracle oracle) {
        Set<Integer> all = new LinkedHashSet<>();
        for (int i = 0; i < inputs; i++) {
            all.add(i);
        }
        return new OpEntry(
                name, function, oracle, List.of(), Set.of(), Tolerance.accumulated(), all, Set.of(), List.of());
    }

    OpEntry on(List<Sample> more) {
        List<Sample> all = new ArrayList<>(samples);
        all.addAll(more);
        return new OpEntry(name, function, oracle, all, covers, tolerance, watched, contiguous, specials);
    }

    OpEntry on(Sample... more) {
        return on(List.of(more));
    }

    OpEntry covering(Object... exercised) {
        Set<Object> all = new LinkedHashSet<>(covers);
        all.addAll(Arrays.asList(exercised));
        return new OpEntry(name, function, oracle, samples, all, tolerance, watched, contiguous, specials);
    }

    OpEntry within(Tolerance other) {
        return new OpEntry(name, function, oracle, samples, covers, other, watched, contiguous, specials);
    }

    OpEntry watching(Integer... inputs) {
        return new OpEntry(
                name,
                function,
                oracle,
                samples,
                covers,
                tolerance,
                new TreeSet<>(List.of(inputs)),
                contiguous,
                specials);
    }

    OpEntry withContiguous(Integer... inputs) {
        return new OpEntry(name, function, oracle, samples, covers, tolerance, watched, Set.of(inputs), specials);
    }

    OpEntry atSpecialValues(List<SpecialCase> cases) {
        return new OpEntry(name, function, oracle, samples, covers, tolerance, watched, contiguous, cases);
    }

    boolean hasGradient() {
        return !watched.isEmpty();
    }

    List<Sample> smoothSamples() {
        return samples.stream().filter(Sample::smooth).toList();
    }

    @Override
    public String toString() {
        return name;
    }
}
