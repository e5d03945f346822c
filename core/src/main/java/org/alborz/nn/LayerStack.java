package org.alborz.nn;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.alborz.tensor.Tensor;
import org.alborz.text.Given;

/** What transformers of several layers share: making the layers, naming them, and closing what each read. */
final class LayerStack {
    private LayerStack() {}

    /** Makes layers, each a new one; the owner is named where that fails. */
    static <T extends Module> List<T> made(String owner, Supplier<T> layer, int count) {
        if (count < 1) {
            throw new IllegalArgumentException(owner + " expects at least 1 layer, got " + count);
        }
        Given.value(layer, owner, "what makes a layer");
        List<T> layers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            T made = Given.value(layer.get(), owner, "a layer");
            if (layers.contains(made)) {
                throw new IllegalArgumentException(
                        owner + " expects a new layer each time, got the same one twice; make it in the supplier");
            }
            layers.add(made);
        }
        return layers;
    }

    /** Describes the layers as {@code layers.0}, {@code layers.1} and so on, and the normalisation behind them, or null, as {@code norm}. */
    static void describe(Structure structure, List<? extends Module> layers, Layer norm) {
        structure.module("layers", new Module() {
            @Override
            public void describe(Structure inner) {
                for (int i = 0; i < layers.size(); i++) {
                    inner.module(Integer.toString(i), layers.get(i));
                }
            }
        });
        if (norm != null) {
            structure.module("norm", norm);
        }
    }

    /** Closes what a layer read, unless that is the input, and returns what it made. */
    static Tensor after(Tensor read, Tensor made, Tensor input) {
        if (read != input) {
            read.close();
        }
        return made;
    }
}
