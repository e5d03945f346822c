package org.alborz.models;

import java.util.List;
import java.util.stream.Stream;
import org.alborz.nn.Activations;
import org.alborz.nn.Dropout;
import org.alborz.nn.Embedding;
import org.alborz.nn.Initializer;
import org.alborz.nn.KeyValueCache;
import org.alborz.nn.Layer;
import org.alborz.nn.LearnedPositions;
import org.alborz.nn.Pass;
import org.alborz.nn.Structure;
import org.alborz.nn.TransformerEncoder;
import org.alborz.nn.TransformerEncoderLayer;
import org.alborz.tensor.Tensor;
import org.alborz.text.Given;
import org.alborz.type.Shape;

/**
 * A language model in the form of GPT-2 (Radford et al. 2019): vectors of tokens and of positions, layers of causal attention and feed-forward
 * nets that normalise first, and scores by products with the tokens' vectors. For {@code Trainer.languageModel}.
 */
public final class Gpt implements Layer {
    private static final double DEVIATION = 0.02;

    private final Configuration configuration;
    private final Embedding tokens;
    private final LearnedPositions positions;
    private final Dropout dropout;
    private final TransformerEncoder blocks;

    /**
     * The sizes.
     *
     * @param vocabulary how many tokens there are
     * @param context how many tokens a sequence has at most
     * @param size of the vectors, a multiple of the heads
     * @param dropout in [0, 1)
     */
    public record Configuration(int vocabulary, int context, int size, int heads, int layers, double dropout) {
        /** Returns the sizes of the smallest GPT-2: 124 million parameters. */
        public static Configuration gpt2() {
            return new Configuration(50_257, 1024, 768, 12, 12, 0.1);
        }
    }

    /** Makes a model; its layers refuse sizes that do not fit. */
    public Gpt(Configuration configuration) {
        this.configuration = configuration;
        int size = configuration.size();
        tokens = new Embedding(configuration.vocabulary(), size).weight(Initializer.normal(DEVIATION));
        positions = new LearnedPositions(size, configuration.context());
        dropout = new Dropout(configuration.dropout());
        blocks = new TransformerEncoder(
                () -> new TransformerEncoderLayer(size, configuration.heads(), 4 * size)
                        .dropout(configuration.dropout())
                        .activation(Activations.gelu())
                        .normFirst(true)
                        .causal(true),
                configuration.layers());
    }

    /**
     * Computes scores of each next token.
     *
     * @param ids int32 or int64 {@code [N, T]}, T at most the context
     * @return logits {@code [N, T, vocabulary]}
     */
    @Override
    public Tensor forward(Tensor ids, Pass pass) {
        Tensor x = pass.run(dropout, pass.run(positions, pass.run(tokens, ids)));
        return scores(pass.run(blocks, x), pass);
    }

    /**
     * Computes scores after the next tokens of sequences whose tokens so far are in caches, to which these are added; only in evaluation.
     *
     * @param ids int32 or int64 {@code [N, T]}
     * @param caches as {@link #caches} makes them, for one batch of sequences
     * @return logits {@code [N, T, vocabulary]}
     */
    public Tensor forward(Tensor ids, List<KeyValueCache> caches, Pass pass) {
        int first = Given.value(caches, "Gpt", "caches").isEmpty()
                ? 0
                : caches.get(0).length();
        Tensor x = positions.forward(pass.run(tokens, ids), first, pass);
        return scores(blocks.forward(x, caches, pass), pass);
    }

    /** Returns how many tokens a sequence has at most. */
    int context() {
        return configuration.context();
    }

    /** Makes empty caches of the keys and values, one for each layer; the caller closes them. */
    public List<KeyValueCache> caches() {
        return Stream.generate(() -> new KeyValueCache(configuration.context()))
                .limit(configuration.layers())
                .toList();
    }

    private Tensor scores(Tensor y, Pass pass) {
        Shape shape = y.shape();
        Tensor rows = y.reshape(-1, shape.size(2));
        return rows.matmul(pass.use(tokens.weight()).mT()).reshape(shape.with(2, configuration.vocabulary()));
    }

    @Override
    public void describe(Structure structure) {
        structure.module("tokens", tokens);
        structure.module("positions", positions);
        structure.module("blocks", blocks);
    }

    @Override
    public String toString() {
        return "Gpt(" + configuration + ")";
    }
}
