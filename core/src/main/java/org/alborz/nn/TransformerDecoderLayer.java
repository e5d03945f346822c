package org.alborz.nn;

import org.alborz.tensor.Tensor;

/**
 * A layer of a transformer's decoder (Vaswani et al. 2017, section 3.1): causal attention within the sequence, attention to an encoder's
 * output, and a feed-forward net at each position, each added to its input and normalised: {@code z = norm(x + attention(x))},
 * {@code u = norm(z + attention(z, memory))} and {@code y = norm(u + feedForward(u))}; with {@link #normFirst} normalised before instead,
 * {@code z = x + attention(norm(x))}. Parameters are named as PyTorch's {@code TransformerDecoderLayer}.
 */
public final class TransformerDecoderLayer implements Module {
    private final TransformerSettings settings;
    private final MultiHeadAttention self;
    private final MultiHeadAttention cross;
    private final FeedForward feedForward;
    private final Layer norm1;
    private final Layer norm2;
    private final Layer norm3;
    private final Dropout dropout;

    /**
     * Makes a layer with dropout of 0.1, a rectifier, and normalisation after each sum.
     *
     * @param size of the vectors, a multiple of the heads
     * @param hidden the width of the feed-forward net, usually four times the size
     */
    public TransformerDecoderLayer(int size, int heads, int hidden) {
        this(TransformerSettings.of("TransformerDecoderLayer", size, heads, hidden));
    }

    private TransformerDecoderLayer(TransformerSettings settings) {
        this.settings = settings;
        this.self = settings.attention().causal(true);
        this.cross = settings.attention();
        this.feedForward = settings.feedForward();
        this.norm1 = new LayerNorm(settings.size());
        this.norm2 = new LayerNorm(settings.size());
        this.norm3 = new LayerNorm(settings.size());
        this.dropout = new Dropout(settings.dropout());
    }

    /** Returns this layer with another rate of dropout, in [0, 1), of what is added, of hidden units and of the weights of attention. */
    public TransformerDecoderLayer dropout(double rate) {
        return new TransformerDecoderLayer(settings.dropout(rate));
    }

    /** Returns this layer with another function of the hidden units, such as {@link Activations#gelu}. */
    public TransformerDecoderLayer activation(Layer function) {
        return new TransformerDecoderLayer(settings.activation(function));
    }

    /** Returns this layer with the inputs of its parts normalised, or with {@code false}, the default, the sums. */
    public TransformerDecoderLayer normFirst(boolean first) {
        return new TransformerDecoderLayer(settings.normFirst(first));
    }

    boolean isNormFirst() {
        return settings.normFirst();
    }

    int size() {
        return settings.size();
    }

    /**
     * Computes the layer.
     *
     * @param x {@code [N, L, size]}
     * @param memory the encoder's output, {@code [N, S, size]}
     * @param memoryMask which of its positions count, as in {@link MultiHeadAttention#attend}; null for all
     * @return {@code [N, L, size]}
     */
    public Tensor forward(Tensor x, Tensor memory, Tensor memoryMask, Pass pass) {
        return settings.normFirst() ? normFirst(x, memory, memoryMask, pass) : normLast(x, memory, memoryMask, pass);
    }

    private Tensor normFirst(Tensor x, Tensor memory, Tensor memoryMask, Pass pass) {
        try (Tensor rows = pass.run(norm1, x);
                Tensor attended = dropout.plus(x, self.attend(rows, rows, null, pass), pass);
                Tensor queries = pass.run(norm2, attended);
                Tensor found = dropout.plus(attended, cross.attend(queries, memory, memoryMask, pass), pass);
                Tensor last = pass.run(norm3, found)) {
            return dropout.plus(found, feedForward.forward(last, pass), pass);
        }
    }

    private Tensor normLast(Tensor x, Tensor memory, Tensor memoryMask, Pass pass) {
        try (Tensor first = dropout.plus(x, self.attend(x, x, null, pass), pass);
                Tensor attended = pass.run(norm1, first);
                Tensor second = dropout.plus(attended, cross.attend(attended, memory, memoryMask, pass), pass);
                Tensor found = pass.run(norm2, second);
                Tensor third = dropout.plus(found, feedForward.forward(found, pass), pass)) {
            return pass.run(norm3, third);
        }
    }

    @Override
    public void describe(Structure structure) {
        structure.module("self_attn", self);
        structure.module("multihead_attn", cross);
        feedForward.describe(structure);
        structure.module("norm1", norm1);
        structure.module("norm2", norm2);
        structure.module("norm3", norm3);
    }

    @Override
    public String toString() {
        return settings.toString();
    }
}
