package org.alborz.nn;

import java.util.List;
import java.util.function.Supplier;
import org.alborz.tensor.Tensor;

/**
 * Layers of a transformer's decoder (Vaswani et al. 2017, section 3.1), one after the other, each of which attends to an encoder's output m,
 * {@code y = layerₙ(…layer₁(x, m)…, m)}; and a normalisation after the last where they normalise first. Parameters are named as PyTorch's {@code TransformerDecoder}.
 */
public final class TransformerDecoder implements Module {
    private final List<TransformerDecoderLayer> layers;
    private final Layer norm;

    /**
     * Makes a decoder.
     *
     * @param layer makes each of the layers
     * @param count how many there are, at least 1
     */
    public TransformerDecoder(Supplier<TransformerDecoderLayer> layer, int count) {
        layers = LayerStack.made("TransformerDecoder", layer, count);
        norm = layers.get(0).isNormFirst() ? new LayerNorm(layers.get(0).size()) : null;
    }

    /**
     * Computes all layers.
     *
     * @param x {@code [N, L, size]}
     * @param memory the encoder's output, {@code [N, S, size]}
     * @param memoryMask which of its positions count, as in {@link MultiHeadAttention#attend}; null for all
     * @return {@code [N, L, size]}
     */
    public Tensor forward(Tensor x, Tensor memory, Tensor memoryMask, Pass pass) {
        Tensor value = x;
        for (TransformerDecoderLayer layer : layers) {
            String outer = pass.enter(layer, x);
            try {
                Tensor made = pass.hooked(layer, layer.forward(value, memory, memoryMask, pass));
                value = LayerStack.after(value, made, x);
            } finally {
                pass.leave(x, outer);
            }
        }
        return norm == null ? value : LayerStack.after(value, pass.run(norm, value), null);
    }

    @Override
    public void describe(Structure structure) {
        LayerStack.describe(structure, layers, norm);
    }

    @Override
    public String toString() {
        return "TransformerDecoder(" + layers.size() + " layers)";
    }
}
