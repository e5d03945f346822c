package org.alborz.models;

import java.util.Arrays;
import org.alborz.nn.Layer;
import org.alborz.nn.Pass;
import org.alborz.random.RandomStream;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.text.Given;
import org.alborz.type.Shape;

/** Continues a text by a language model: draws token after token from the scores that the model makes of the tokens so far. */
public final class TextSampler {
    private final Session session;
    private final Layer model;
    private final int context;
    private final double temperature;

    /**
     * Makes a sampler.
     *
     * @param model makes logits {@code [N, T, V]} of tokens {@code [N, T]}
     * @param context how many of the last tokens it is given at most
     * @param temperature what scores are divided by: 1 draws from the model's distribution, less prefers likely tokens, 0 takes the most likely one
     */
    public TextSampler(Session session, Layer model, int context, double temperature) {
        this.session = Given.value(session, "TextSampler", "a session");
        this.model = Given.value(model, "TextSampler", "a model");
        if (context < 1 || !(temperature >= 0) || Double.isInfinite(temperature)) {
            throw new IllegalArgumentException(
                    "TextSampler expects a context of at least 1 token and a finite temperature of"
                            + " at least 0, got " + context + " and " + temperature);
        }
        this.context = context;
        this.temperature = temperature;
    }

    /**
     * Continues a text.
     *
     * @param start at least one token
     * @param count how many tokens are added
     * @param seed of the draws
     * @return the start and the added tokens
     * @throws IllegalStateException if a score of the model is NaN
     */
    public int[] sample(int[] start, int count, long seed) {
        if (Given.value(start, "TextSampler", "tokens").length == 0 || count < 0) {
            throw new IllegalArgumentException(
                    "TextSampler expects at least 1 token to start with and a count of at least" + " 0, got "
                            + start.length + " and " + count);
        }
        RandomStream random = new RandomStream(seed, 0);
        int[] tokens = Arrays.copyOf(start, start.length + count);
        for (int at = start.length; at < tokens.length; at++) {
            int[] seen = Arrays.copyOfRange(tokens, Math.max(0, at - context), at);
            try (Scope scope = session.scope("sample")) {
                Tensor logits = model.forward(session.tensor(seen, Shape.of(1, seen.length)), Pass.evaluation());
                tokens[at] = draw(logits.select(1, -1).toDoubles(), random);
            }
        }
        return tokens;
    }

    private int draw(double[] scores, RandomStream random) {
        int likeliest = 0;
        for (int i = 0; i < scores.length; i++) {
            if (Double.isNaN(scores[i])) {
                throw new IllegalStateException("TextSampler expects a score for each token, got NaN for token " + i
                        + "; look whether the weights became NaN in training (TerminateOnNaN)");
            }
            likeliest = scores[i] > scores[likeliest] ? i : likeliest;
        }
        if (temperature == 0) {
            return likeliest;
        }
        double largest = scores[likeliest];
        double sum = 0;
        for (int i = 0; i < scores.length; i++) {
            scores[i] = Math.exp((scores[i] - largest) / temperature);
            sum += scores[i];
        }
        double left = random.uniform() * sum;
        for (int i = 0; i < scores.length; i++) {
            left -= scores[i];
            if (left < 0) {
                return i;
            }
        }
        return likeliest;
    }
}
