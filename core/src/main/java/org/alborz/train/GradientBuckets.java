package org.alborz.train;

import java.util.ArrayList;
import java.util.List;
import org.alborz.nn.Model;
import org.alborz.tensor.Tensor;

/**
 * The parts of a model's flat gradients that ranks exchange one after another, from the last parameter to the first, which is about the order
 * in which the backward pass computes them (Li et al. 2020, PyTorch Distributed). A bucket is of whole parameters, as many as it takes to reach a size; the
 * first is smaller, so that the exchange begins early.
 */
final class GradientBuckets {
    /** Of the first bucket, which may be of less. */
    private static final int FIRST_BYTES = 1 << 20;

    /** Where each begins; it ends where the one before begins. */
    private final int[] starts;

    private final int count;

    /** How many of this step's are taken. */
    private int taken;

    /** A number of elements from {@code start} to before {@code end}. */
    record Bucket(int start, int end) {}

    private GradientBuckets(int count, int... starts) {
        this.count = count;
        this.starts = starts;
    }

    /** @param bytes that a bucket has at least, but for the first and the last */
    static GradientBuckets of(Model model, long bytes) {
        List<Integer> starts = new ArrayList<>();
        List<Tensor> views = model.gradientViews();
        int count = (int) model.gradients().shape().elements();
        int width = model.gradients().dtype().accumulator().bytes();
        long most = Math.min(bytes, FIRST_BYTES);
        int end = count;
        for (int i = views.size() - 1; i >= 0; i--) {
            int start = i == 0 ? 0 : (int) views.get(i).layout().offset();
            if (start == 0 || (long) (end - start) * width >= most) {
                starts.add(start);
                end = start;
                most = bytes;
            }
        }
        return new GradientBuckets(
                count, starts.stream().mapToInt(Integer::intValue).toArray());
    }

    /**
     * Takes the next bucket.
     *
     * @param from the first element from which on all are there
     * @return null where the next bucket has others before it
     */
    Bucket next(int from) {
        if (taken == starts.length || starts[taken] < from) {
            return null;
        }
        int end = taken == 0 ? count : starts[taken - 1];
        return new Bucket(starts[taken++], end);
    }

    /** Returns how many there are. */
    int size() {
        return starts.length;
    }

    /** Begins again with the first. */
    void restart() {
        taken = 0;
    }
}
