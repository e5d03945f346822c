package org.alborz.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.alborz.ops.Op;
import org.alborz.ops.TensorSpec;

/**
 * One operation of a traced computation.
 *
 * @param inputs null for one that was left out
 * @param layer the path in its model of the layer it was applied for; empty for the net itself, null outside of nets
 * @param backward whether it was applied to compute gradients
 */
public record Step(Op op, List<Value> inputs, List<Value> results, Effect effect, String layer, boolean backward) {
    /** What becomes of an operation's results. */
    public enum Effect {
        /** They have memory of their own. */
        MAKES,
        /** The result is an input read through another layout: nothing is computed. */
        VIEWS,
        /** They are inputs, overwritten, as by an optimizer. */
        OVERWRITES,
        /** The result is written into a tensor that was there before, as by {@code fill} and {@code update}. */
        INTO
    }

    /** Returns how many products are added up. */
    public long multiplyAdds() {
        return op.multiplyAdds(specs(inputs), specs(results));
    }

    /** Returns the bytes of the inputs that are read and of the results that are written; none for a view. */
    public long bytes() {
        long bytes = 0;
        for (Value input : inputs) {
            bytes += input == null || effect == Effect.VIEWS ? 0 : input.bytes();
        }
        for (Value result : results) {
            bytes += effect == Effect.VIEWS ? 0 : result.bytes();
        }
        return bytes;
    }

    /** Returns an input, or null where it is left out or there are not so many. */
    public Value input(int i) {
        return i < inputs.size() ? inputs.get(i) : null;
    }

    /** Returns a step with the results of this one that another operation computes. */
    public Step as(Op other, List<Value> from) {
        return new Step(other, from, results, effect, layer, backward);
    }

    /** Returns a step with the results of this one that another operation computes. */
    public Step as(Op other, Value... from) {
        return as(other, Collections.unmodifiableList(Arrays.asList(from)));
    }

    /** Tells whether an input or a result is in a memory. */
    boolean uses(int memory) {
        boolean uses = false;
        for (Value input : inputs) {
            uses |= input != null && input.memory() == memory;
        }
        for (Value result : results) {
            uses |= result.memory() == memory;
        }
        return uses;
    }

    private static List<TensorSpec> specs(List<Value> values) {
        List<TensorSpec> specs = new ArrayList<>();
        for (Value value : values) {
            specs.add(value == null ? null : value.spec());
        }
        return specs;
    }
}
