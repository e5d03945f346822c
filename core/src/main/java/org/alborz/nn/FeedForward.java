package org.alborz.nn;

import org.alborz.tensor.Tensor;
import org.alborz.text.Given;

/** The two products of a transformer's layer, with the names that PyTorch gives them in the layer itself. */
final class FeedForward {
    private final Linear first;
    private final Linear second;
    private final Layer activation;
    private final Layer all;

    FeedForward(int size, int hidden, Layer activation, double rate) {
        if (hidden < 1) {
            throw new IllegalArgumentException("A transformer layer expects at least 1 hidden unit, got " + hidden);
        }
        this.first = new Linear(size, hidden).weight(Initializer.xavierUniform());
        this.second = new Linear(hidden, size).weight(Initializer.xavierUniform());
        this.activation = Given.value(activation, "A transformer layer", "an activation");
        this.all = new Sequential(first, this.activation, new Dropout(rate), second);
    }

    Layer activation() {
        return activation;
    }

    Tensor forward(Tensor x, Pass pass) {
        return pass.run(all, x);
    }

    void describe(Structure structure) {
        structure.module("linear1", first);
        structure.module("linear2", second);
        structure.module("activation", activation);
    }
}
