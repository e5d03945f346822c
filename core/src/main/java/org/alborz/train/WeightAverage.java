package org.alborz.train;

import java.util.function.Supplier;
import org.alborz.nn.Model;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Tensor;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/** The average of a model's weights over the steps. */
final class WeightAverage implements AutoCloseable {
    /** How many numbers are the shares of a step. */
    static final int SHARES = 2;

    /** Those with which the average stays as it is. */
    static final double[] KEPT = {1, 0};

    private final Model model;
    private final Averaging averaging;
    private final Tensor average;

    /** The model's own weights while the average is in their place, else null. */
    private Tensor kept;

    WeightAverage(Model model, Averaging averaging) {
        this.model = model;
        this.averaging = averaging;
        Tensor values = model.values();
        this.average = model.own(model.session().empty(values.dtype().accumulator(), Layout.rowMajor(values.shape())))
                .fill(0)
                .named("averaged parameters");
    }

    /** Returns the shares of the average and of the weights that {@link #update(Tensor)} takes for a step, counted from 1. */
    double[] shares(long step) {
        double share = averaging.share(step);
        double kept = averaging.decay() > 0 && share < 1 ? averaging.decay() : 1 - share;
        return new double[] {kept, 1 - kept};
    }

    /**
     * Does the same as {@link #update(long)}, with the same bits, by shares in memory; what is captured. It reads and writes the average in each step, also in those that the shares leave out.
     *
     * @param shares float64 {@code [2]}
     */
    void update(Tensor shares) {
        try (Scope scope = model.session().scope("average")) {
            Shape shape = average.shape();
            Tensor values = model.values().to(average.dtype());
            Tensor read = shares.to(average.dtype());
            Tensor kept = read.narrow(0, 0, 1);
            Tensor taken = read.narrow(0, 1, 1);
            Tensor mixed = average.mul(kept.expand(shape)).add(values.mul(taken.expand(shape)));
            Tensor begun = Tensor.where(kept.eq(0).expand(shape), values, mixed);
            average.assign(Tensor.where(taken.eq(0).expand(shape), average, begun));
        }
    }

    /** Takes in the weights after a step, counted from 1. */
    void update(long step) {
        double share = averaging.share(step);
        if (share == 1) {
            average.assign(model.values());
        } else if (share > 0) {
            try (Scope scope = model.session().scope("average")) {
                double kept = averaging.decay() > 0 ? averaging.decay() : 1 - share;
                average.assign(
                        average.mul(kept).add(model.values().to(average.dtype()).mul(1 - kept)));
            }
        }
    }

    /** Tells whether there is an average after so many steps. */
    boolean hasBegun(long steps) {
        return averaging.hasBegun(steps);
    }

    Tensor average() {
        return average;
    }

    /** Does something with the average in the place of the weights, which are the same bits afterwards. */
    <T> T inPlaceOfWeights(Supplier<T> work) {
        if (kept != null) {
            return work.get();
        }
        swapIn();
        try {
            return work.get();
        } finally {
            swapOut();
        }
    }

    /** Puts the average in the place of the weights. */
    void swapIn() {
        if (kept == null) {
            Tensor values = model.values();
            Tensor copy = model.session().empty(values.dtype(), values.layout().compact());
            kept = model.own(copy).assign(values).named("weights beside their average");
            values.assign(average);
        }
    }

    /** Puts the weights back. */
    void swapOut() {
        if (kept != null) {
            model.values().assign(kept);
            kept.close();
            kept = null;
        }
    }

    /** Returns the weights themselves, wherever they are. */
    Tensor trained() {
        return kept == null ? model.values() : kept;
    }

    @Override
    public void close() {
        average.close();
        if (kept != null) {
            kept.close();
        }
    }
}
