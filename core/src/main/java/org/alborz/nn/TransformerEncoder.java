package org.alborz.nn;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.alborz.tensor.Tensor;
import org.alborz.text.Given;

/**
 * Layers of a transformer's encoder, one after the other, and a normalisation after the last where they normalise first. Parameters are named
 * as PyTorch's {@code TransformerEncoder}.
 */
public final class TransformerEncoder implements Layer {
    private final List<TransformerEncoderLayer> layers = new ArrayList<>();
    private final Layer norm;

    /**
     * Makes an encoder.
     *
     * @param layer makes each of the layers
     * @param count how many there are, at least 1
     */
    public TransformerEncoder(Supplier<TransformerEncoderLayer> layer, int count) {
        if (count < 1) {
            throw new IllegalArgumentException("TransformerEncoder expects at least 1 layer, got " + count);
        }
        Given.value(layer, "TransformerEncoder", "what makes a layer");
        for (int i = 0; i < count; i++) {
            TransformerEncoderLayer made = Given.value(layer.get(), "TransformerEncoder", "a layer");
            if (layers.contains(made)) {
                throw new IllegalArgumentException(
                        "TransformerEncoder expects a new layer each time, got the same one twice; make it in the"
                                + " supplier");
            }
            layers.add(made);
        }
        norm = layers.get(0).isNormFirst() ? new LayerNorm(layers.get(0).size()) : null;
    }

    /** Computes all layers for x {@code [N, T, size]}; the result has its shape. */
    @Override
    public Tensor forward(Tensor x, Pass pass) {
        return forward(x, (Tensor) null, pass);
    }

    /**
     * Computes all layers with a mask of attention.
     *
     * @param mask as in {@link MultiHeadAttention#attend}; null for none
     */
    public Tensor forward(Tensor x, Tensor mask, Pass pass) {
        Tensor value = x;
        for (TransformerEncoderLayer layer : layers) {
            String outer = pass.enter(layer, x);
            try {
                value = after(value, pass.hooked(layer, layer.forward(value, mask, pass)), x);
            } finally {
                pass.leave(x, outer);
            }
        }
        return normalised(value, pass);
    }

    /**
     * Computes all layers for the next positions of a sequence, as {@link MultiHeadAttention#attend(Tensor, KeyValueCache, Pass)}.
     *
     * @param caches one for each layer
     */
    public Tensor forward(Tensor x, List<KeyValueCache> caches, Pass pass) {
        if (Given.value(caches, "TransformerEncoder", "caches").size() != layers.size()) {
            throw new IllegalArgumentException("TransformerEncoder expects a cache for each of its " + layers.size()
                    + " layers, got " + caches.size());
        }
        Tensor value = x;
        for (int i = 0; i < layers.size(); i++) {
            String outer = pass.enter(layers.get(i), x);
            try {
                TransformerEncoderLayer layer = layers.get(i);
                value = after(value, pass.hooked(layer, layer.forward(value, caches.get(i), pass)), x);
            } finally {
                pass.leave(x, outer);
            }
        }
        return normalised(value, pass);
    }

    /** Closes what a layer read, unless that is the input, and returns what it made. */
    private static Tensor after(Tensor read, Tensor made, Tensor input) {
        if (read != input) {
            read.close();
        }
        return made;
    }

    private Tensor normalised(Tensor value, Pass pass) {
        return norm == null ? value : after(value, pass.run(norm, value), null);
    }

    @Override
    public void describe(Structure structure) {
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

    @Override
    public String toString() {
        return "TransformerEncoder(" + layers.size() + " layers)";
    }
}
