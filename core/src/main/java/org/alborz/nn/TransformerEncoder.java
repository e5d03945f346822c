package org.alborz.nn;

import java.util.List;
import java.util.function.Supplier;
import org.alborz.tensor.Tensor;
import org.alborz.text.Given;

/**
 * Layers of a transformer's encoder, one after the other, {@code y = layerₙ(…layer₁(x))}, and a normalisation after the last where they normalise first. Parameters are named
 * as PyTorch's {@code TransformerEncoder}.
 */
public final class TransformerEncoder implements Layer {
    private final List<TransformerEncoderLayer> layers;
    private final Layer norm;

    /**
     * Makes an encoder.
     *
     * @param layer makes each of the layers
     * @param count how many there are, at least 1
     */
    public TransformerEncoder(Supplier<TransformerEncoderLayer> layer, int count) {
        layers = LayerStack.made("TransformerEncoder", layer, count);
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
                value = LayerStack.after(value, pass.hooked(layer, layer.forward(value, mask, pass)), x);
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
                value = LayerStack.after(value, pass.hooked(layer, layer.forward(value, caches.get(i), pass)), x);
            } finally {
                pass.leave(x, outer);
            }
        }
        return normalised(value, pass);
    }

    private Tensor normalised(Tensor value, Pass pass) {
        return norm == null ? value : LayerStack.after(value, pass.run(norm, value), null);
    }

    @Override
    public void describe(Structure structure) {
        LayerStack.describe(structure, layers, norm);
    }

    @Override
    public String toString() {
        return "TransformerEncoder(" + layers.size() + " layers)";
    }
}
