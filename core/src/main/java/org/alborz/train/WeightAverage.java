package org.alborz.train;

import java.util.function.Supplier;
import org.alborz.nn.Model;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Tensor;
import org.alborz.type.Layout;

/** The exponential moving average of a model's weights over the steps; it begins with the weights after the first. */
final class WeightAverage implements AutoCloseable {
    private final Model model;
    private final double decay;
    private final Tensor average;

    WeightAverage(Model model, double decay) {
        this.model = model;
        this.decay = decay;
        Tensor values = model.values();
        this.average = model.own(model.session().empty(values.dtype().accumulator(), Layout.rowMajor(values.shape())))
                .fill(0)
                .named("averaged parameters");
    }

    /** Takes in the weights after a step, counted from 1. */
    void update(long step) {
        try (Scope scope = model.session().scope("average")) {
            if (step == 1) {
                average.assign(model.values());
            } else {
                average.assign(average.mul(decay)
                        .add(model.values().to(average.dtype()).mul(1 - decay)));
            }
        }
    }

    Tensor average() {
        return average;
    }

    /** Does something with the average in the place of the weights, which are the same bits afterwards. */
    <T> T inPlaceOfWeights(Supplier<T> work) {
        Tensor values = model.values();
        try (Scope scope = model.session().scope("weights")) {
            Tensor kept = model.session()
                    .empty(values.dtype(), values.layout().compact())
                    .assign(values);
            values.assign(average);
            try {
                return work.get();
            } finally {
                values.assign(kept);
            }
        }
    }

    @Override
    public void close() {
        average.close();
    }
}
