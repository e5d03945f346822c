package org.alborz.nn;

import java.util.List;
import org.alborz.tensor.Tensor;

/** Layers one after the other, named 0, 1, 2, …; each value is released as soon as neither a layer nor a tape needs it. */
public final class Sequential implements Module {
    private final List<Module> layers;

    public Sequential(Module... layers) {
        this(List.of(layers));
    }

    public Sequential(List<? extends Module> layers) {
        this.layers = List.copyOf(layers);
    }

    @Override
    public Tensor forward(Tensor x, Pass pass) {
        Tensor value = x;
        for (int i = 0; i < layers.size(); i++) {
            Tensor next = layers.get(i).forward(value, pass);
            if (value != x && value != next) {
                value.close();
            }
            value = next;
        }
        return value;
    }

    @Override
    public void describe(Structure structure) {
        for (int i = 0; i < layers.size(); i++) {
            structure.module(Integer.toString(i), layers.get(i));
        }
    }
}
