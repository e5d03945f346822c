package org.alborz.graph;

import java.util.ArrayList;
import java.util.List;
import org.alborz.ops.Op;
import org.alborz.ops.TensorSpec;

/**
 * One operation of a traced computation.
 *
 * @param inputs null for one that was left out
 */
public record Step(Op op, List<Value> inputs, List<Value> results, Effect effect) {
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

    private static List<TensorSpec> specs(List<Value> values) {
        List<TensorSpec> specs = new ArrayList<>();
        for (Value value : values) {
            specs.add(value == null ? null : value.spec());
        }
        return specs;
    }
}
