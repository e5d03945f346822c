package org.alborz.nn;

import org.alborz.tensor.Tensor;
import org.alborz.text.Given;

/**
 * A layer of a transformer's encoder (Vaswani et al. 2017, section 3.1): attention within the sequence, then a feed-forward net at each position,
 * each added to its input and normalised, {@code z = norm(x + attention(x))} and {@code y = norm(z + feedForward(z))}; with {@link #normFirst} normalised before instead (Xiong et al. 2020), {@code z = x + attention(norm(x))}, and with causal attention
 * the block of a GPT. Parameters are named as PyTorch's {@code TransformerEncoderLayer}.
 */
public final class TransformerEncoderLayer implements Layer {
    private final TransformerSettings settings;
    private final MultiHeadAttention attention;
    private final FeedForward feedForward;
    private final Layer norm1;
    private final Layer norm2;
    private final Dropout dropout;

    /**
     * Makes a layer with dropout of 0.1, a rectifier, and normalisation after each sum.
     *
     * @param size of the vectors, a multiple of the heads
     * @param hidden the width of the feed-forward net, usually four times the size
     */
    public TransformerEncoderLayer(int size, int heads, int hidden) {
        this(TransformerSettings.of("TransformerEncoderLayer", size, heads, hidden), null);
    }

    /** @param attention null for one of the settings */
    private TransformerEncoderLayer(TransformerSettings settings, MultiHeadAttention attention) {
        this.settings = settings;
        this.attention = attention == null ? settings.attention() : attention;
        this.feedForward = settings.feedForward();
        this.norm1 = new LayerNorm(settings.size());
        this.norm2 = new LayerNorm(settings.size());
        this.dropout = new Dropout(settings.dropout());
    }

    /** Returns this layer with another rate of dropout, in [0, 1), of what is added, of hidden units and of the weights of attention. */
    public TransformerEncoderLayer dropout(double rate) {
        return new TransformerEncoderLayer(settings.dropout(rate), attention.dropout(rate));
    }

    /** Returns this layer with another function of the hidden units, such as {@link Activations#gelu}. */
    public TransformerEncoderLayer activation(Layer function) {
        return new TransformerEncoderLayer(settings.activation(function), attention.causal(attention.isCausal()));
    }

    /** Returns this layer with the inputs of its parts normalised, or with {@code false}, the default, the sums. */
    public TransformerEncoderLayer normFirst(boolean first) {
        return new TransformerEncoderLayer(settings.normFirst(first), attention.causal(attention.isCausal()));
    }

    /** Returns this layer as one in which no position attends to a later one. */
    public TransformerEncoderLayer causal(boolean isCausal) {
        return new TransformerEncoderLayer(settings, attention.causal(isCausal));
    }

    /** Returns this layer with fewer heads of keys and values, as {@link MultiHeadAttention#keyValueHeads}. */
    public TransformerEncoderLayer keyValueHeads(int count) {
        return new TransformerEncoderLayer(settings, attention.keyValueHeads(count));
    }

    /** Returns this layer with rotary positions. */
    public TransformerEncoderLayer positions(RotaryPositions rotary) {
        return new TransformerEncoderLayer(
                settings, attention.positions(Given.value(rotary, "TransformerEncoderLayer", "positions")));
    }

    boolean isNormFirst() {
        return settings.normFirst();
    }

    int size() {
        return settings.size();
    }

    /** Computes the layer for x {@code [N, T, size]}; the result has its shape. */
    @Override
    public Tensor forward(Tensor x, Pass pass) {
        return forward(x, (Tensor) null, pass);
    }

    /**
     * Computes the layer with a mask of attention.
     *
     * @param mask as in {@link MultiHeadAttention#attend}; null for none
     */
    public Tensor forward(Tensor x, Tensor mask, Pass pass) {
        if (settings.normFirst()) {
            try (Tensor rows = pass.run(norm1, x)) {
                return afterAttention(x, attention.attend(rows, rows, mask, pass), pass);
            }
        }
        return afterAttention(x, attention.attend(x, x, mask, pass), pass);
    }

    /** Computes the layer for the next positions of a sequence, as {@link MultiHeadAttention#attend(Tensor, KeyValueCache, Pass)}. */
    public Tensor forward(Tensor x, KeyValueCache cache, Pass pass) {
        if (settings.normFirst()) {
            try (Tensor rows = pass.run(norm1, x)) {
                return afterAttention(x, attention.attend(rows, cache, pass), pass);
            }
        }
        return afterAttention(x, attention.attend(x, cache, pass), pass);
    }

    private Tensor afterAttention(Tensor x, Tensor found, Pass pass) {
        try (Tensor sum = dropout.plus(x, found, pass)) {
            if (settings.normFirst()) {
                try (Tensor rows = pass.run(norm2, sum)) {
                    return dropout.plus(sum, feedForward.forward(rows, pass), pass);
                }
            }
            try (Tensor attended = pass.run(norm1, sum);
                    Tensor more = dropout.plus(attended, feedForward.forward(attended, pass), pass)) {
                return pass.run(norm2, more);
            }
        }
    }

    @Override
    public void describe(Structure structure) {
        structure.module("self_attn", attention);
        feedForward.describe(structure);
        structure.module("norm1", norm1);
        structure.module("norm2", norm2);
    }

    @Override
    public String toString() {
        return settings.toString();
    }
}
