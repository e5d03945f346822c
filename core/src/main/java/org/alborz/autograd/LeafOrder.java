package org.alborz.autograd;

import java.util.Arrays;
import java.util.function.IntConsumer;
import org.alborz.tensor.Tensor;
import org.alborz.tensor.TensorAccess;

/**
 * Tells which watched tensors' gradients are complete while the backward walk goes on. The walk goes from the last node to the first, and what uses a
 * tensor comes after it, so a gradient is complete when the walk reaches the node of its tensor.
 */
final class LeafOrder {
    /** In the upper half the place of a tensor on the tape, in the lower half its number among the watched; ascending. */
    private final long[] order;

    private final IntConsumer complete;

    /** How many are not reached. */
    private int left;

    /** @param watched a tensor may be null, and is complete at once */
    LeafOrder(Tensor[] watched, IntConsumer complete) {
        this.complete = complete;
        order = new long[watched.length];
        for (int i = 0; i < order.length; i++) {
            long node = watched[i] == null
                    ? Integer.MAX_VALUE
                    : TensorAccess.node(watched[i]).index();
            order[i] = node << Integer.SIZE | i;
        }
        Arrays.sort(order);
        left = order.length;
    }

    /** Says that the walk has reached a node; returns whether a gradient is complete now that was not before. */
    boolean reach(int node) {
        int before = left;
        while (left > 0 && order[left - 1] >>> Integer.SIZE >= node) {
            complete.accept((int) order[--left]);
        }
        return left < before;
    }
}
