package org.alborz.nn;

import org.alborz.text.Described;

/**
 * What the layers of a transformer's encoder and decoder have in common.
 *
 * @param hidden the width of the feed-forward part
 * @param dropout of what each part adds, of the hidden units and of the weights of attention
 * @param activation of the hidden units
 * @param normFirst whether each part's input is normalised rather than the sum with its output
 */
record TransformerSettings(
        String name, int size, int heads, int hidden, double dropout, Layer activation, boolean normFirst) {
    static TransformerSettings of(String name, int size, int heads, int hidden) {
        return new TransformerSettings(name, size, heads, hidden, 0.1, Activations.relu(), false);
    }

    TransformerSettings dropout(double rate) {
        return new TransformerSettings(name, size, heads, hidden, rate, activation, normFirst);
    }

    TransformerSettings activation(Layer function) {
        return new TransformerSettings(name, size, heads, hidden, dropout, function, normFirst);
    }

    TransformerSettings normFirst(boolean first) {
        return new TransformerSettings(name, size, heads, hidden, dropout, activation, first);
    }

    MultiHeadAttention attention() {
        return new MultiHeadAttention(size, heads).dropout(dropout);
    }

    FeedForward feedForward() {
        return new FeedForward(size, hidden, activation, dropout);
    }

    @Override
    public String toString() {
        return name + "(" + size + ", " + heads + " heads, " + hidden + " hidden, " + Described.of(activation)
                + (normFirst ? ", norm first" : "")
                + (dropout == 0 ? "" : ", dropout " + dropout) + ")";
    }
}
