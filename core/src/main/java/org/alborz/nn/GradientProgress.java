package org.alborz.nn;

import java.util.List;
import java.util.function.IntConsumer;
import org.alborz.tensor.Tensor;

/** Says from which element on a model's flat gradients are written, of places that are written in any order. */
final class GradientProgress implements IntConsumer {
    /** The element after each place. */
    private final int[] ends;

    private final boolean[] written;
    private final IntConsumer from;

    /** Places before which some is not written. */
    private int left;

    /** @param places views of the flat gradients, in the order of their memory; what is between them is written already */
    GradientProgress(List<Tensor> places, IntConsumer from) {
        this.from = from;
        ends = new int[places.size()];
        for (int i = 0; i < ends.length; i++) {
            ends[i] = (int) places.get(i).layout().end();
        }
        written = new boolean[ends.length];
        left = ends.length;
    }

    @Override
    public void accept(int place) {
        written[place] = true;
        int before = left;
        while (left > 0 && written[left - 1]) {
            left--;
        }
        if (left < before) {
            from.accept(left == 0 ? 0 : ends[left - 1]);
        }
    }
}
