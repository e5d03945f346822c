package org.alborz.models;

import org.alborz.nn.Dropout;
import org.alborz.nn.Embedding;
import org.alborz.nn.Layer;
import org.alborz.nn.Linear;
import org.alborz.nn.Lstm;
import org.alborz.nn.Pass;
import org.alborz.nn.Structure;
import org.alborz.tensor.Tensor;

/**
 * A language model of an LSTM (Zaremba et al. 2014): tokens become vectors, one or several LSTM layers read them, and a product makes scores of
 * each next token. For {@code Trainer.languageModel}.
 */
public final class LstmLanguageModel implements Layer {
    private final Embedding embedding;
    private final Lstm lstm;
    private final Dropout dropout;
    private final Linear head;

    /**
     * The sizes.
     *
     * @param vocabulary how many tokens there are
     * @param size of a token's vector
     * @param hidden units of each layer
     * @param layers of the LSTM
     * @param dropout of what the layers read and of the last one's output, in [0, 1)
     */
    public record Configuration(int vocabulary, int size, int hidden, int layers, double dropout) {}

    /** Makes a model; its layers refuse sizes that are not at least 1. */
    public LstmLanguageModel(Configuration configuration) {
        embedding = new Embedding(configuration.vocabulary(), configuration.size());
        lstm = new Lstm(configuration.size(), configuration.hidden())
                .layers(configuration.layers())
                .dropout(configuration.dropout());
        dropout = new Dropout(configuration.dropout());
        head = new Linear(configuration.hidden(), configuration.vocabulary());
    }

    /**
     * Computes scores of each next token.
     *
     * @param tokens int32 or int64 {@code [N, T]}
     * @return logits {@code [N, T, vocabulary]}
     */
    @Override
    public Tensor forward(Tensor tokens, Pass pass) {
        Tensor x = pass.run(dropout, pass.run(embedding, tokens));
        return pass.run(head, pass.run(dropout, pass.run(lstm, x)));
    }

    /**
     * What a run gives.
     *
     * @param logits {@code [N, T, vocabulary]}
     * @param state after the last token
     */
    public record Output(Tensor logits, Lstm.State state) {}

    /**
     * Computes scores after the next tokens of sequences, and the state to continue from.
     *
     * @param tokens int32 or int64 {@code [N, T]}
     * @param state after the tokens before; null at the beginning
     */
    public Output run(Tensor tokens, Lstm.State state, Pass pass) {
        Tensor x = dropout.forward(embedding.forward(tokens, pass), pass);
        Lstm.Output output = lstm.run(x, state, null, pass);
        return new Output(head.forward(dropout.forward(output.output(), pass), pass), output.state());
    }

    @Override
    public void describe(Structure structure) {
        structure.module("embedding", embedding);
        structure.module("lstm", lstm);
        structure.module("head", head);
    }

    @Override
    public String toString() {
        return "LstmLanguageModel";
    }
}
