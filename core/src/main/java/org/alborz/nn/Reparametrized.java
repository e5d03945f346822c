package org.alborz.nn;

import org.alborz.tensor.Tensor;
import org.alborz.text.Given;

/** A layer whose parameter {@code weight} is replaced by a function of it. */
final class Reparametrized {
    private final Layer layer;
    private Parameter weight;

    /** @param wrapper asks, for the message that refuses a layer without a weight */
    Reparametrized(String wrapper, Layer layer) {
        this.layer = Given.value(layer, wrapper, "a layer");
        layer.describe(new Structure() {
            @Override
            public void parameter(String name, Parameter parameter) {
                if (name.equals("weight")) {
                    weight = parameter;
                }
            }

            @Override
            public void module(String name, Module part) {
                // Only the layer's own weight counts.
            }
        });
        if (weight == null || weight.shape().rank() < 2) {
            throw new IllegalArgumentException(
                    wrapper + " expects a layer with a parameter 'weight' of at least two axes,"
                            + " such as Linear or Conv2d, got " + layer);
        }
    }

    Layer layer() {
        return layer;
    }

    Parameter weight() {
        return weight;
    }

    /** Returns the number of outputs, the weight's first axis. */
    int rows() {
        return weight.shape().size(0);
    }

    /** Computes the layer with a weight, which ends with it unless the layer may keep it. */
    Tensor forward(Tensor computed, Tensor x, Pass pass) {
        Tensor y = pass.with(weight, computed, layer, x);
        if (Fresh.is(layer)) {
            computed.close();
        }
        return y;
    }

    /** Describes the layer with its weight under another name. */
    void describe(Structure structure, String nameOfWeight) {
        layer.describe(new Structure() {
            @Override
            public void parameter(String name, Parameter parameter) {
                structure.parameter(parameter == weight ? nameOfWeight : name, parameter);
            }

            @Override
            public void module(String name, Module part) {
                structure.module(name, part);
            }
        });
    }
}
