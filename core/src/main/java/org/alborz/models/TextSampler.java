package org.alborz.models;

import java.util.Arrays;
import java.util.function.IntConsumer;
import org.alborz.nn.Layer;
import org.alborz.random.RandomStream;
import org.alborz.tensor.Session;
import org.alborz.text.Given;

/**
 * Continues a text by a language model: draws token after token from the scores that the model makes of the tokens so far.
 *
 * <p>A token takes the same time wherever it stands: a {@link Gpt} keeps keys and values, and an {@link LstmLanguageModel} its state, which
 * depends on all tokens before. Where a text is longer than the context, a {@code Gpt} is given between half of it and all of it. A model of any other kind
 * reads the context again for each token.
 */
public final class TextSampler {
    private final Session session;
    private final Layer model;
    private final int context;
    private final double temperature;
    private final int topK;

    /**
     * Makes a sampler.
     *
     * @param model makes logits {@code [N, T, V]} of tokens {@code [N, T]}
     * @param context how many of the last tokens it is given at most
     * @param temperature what scores are divided by: 1 draws from the model's distribution, less prefers likely tokens, 0 takes the most likely one
     */
    public TextSampler(Session session, Layer model, int context, double temperature) {
        this(session, model, context, temperature, Integer.MAX_VALUE);
    }

    private TextSampler(Session session, Layer model, int context, double temperature, int topK) {
        this.session = Given.value(session, "TextSampler", "a session");
        this.model = Given.value(model, "TextSampler", "a model");
        if (context < 1 || !(temperature >= 0) || Double.isInfinite(temperature)) {
            throw new IllegalArgumentException(
                    "TextSampler expects a context of at least 1 token and a finite temperature of"
                            + " at least 0, got " + context + " and " + temperature);
        }
        this.context = context;
        this.temperature = temperature;
        this.topK = topK;
    }

    /** Returns a sampler that draws from the given number of likeliest tokens only (Fan et al. 2018); all unless set. */
    public TextSampler topK(int tokens) {
        if (tokens < 1) {
            throw new IllegalArgumentException("TextSampler draws from at least 1 token, got " + tokens);
        }
        return new TextSampler(session, model, context, temperature, tokens);
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
        return sample(start, count, seed, tokensAdded -> {});
    }

    /** Continues a text, and tells after each token how many were added. */
    public int[] sample(int[] start, int count, long seed, IntConsumer progress) {
        Given.value(progress, "TextSampler", "what to tell of its progress");
        if (Given.value(start, "TextSampler", "tokens").length == 0 || count < 0) {
            throw new IllegalArgumentException(
                    "TextSampler expects at least 1 token to start with and a count of at least" + " 0, got "
                            + start.length + " and " + count);
        }
        RandomStream random = new RandomStream(seed, 0);
        int[] tokens = Arrays.copyOf(start, start.length + count);
        try (TokenReader reader = TokenReader.of(session, model, context)) {
            for (int at = start.length; at < tokens.length; at++) {
                tokens[at] = draw(reader.scores(tokens, at), random);
                progress.accept(at + 1 - start.length);
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
        dropUnlikely(scores);
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

    /** Leaves the largest scores, of equal ones the first, and makes the others −∞. */
    private void dropUnlikely(double[] scores) {
        if (topK >= scores.length) {
            return;
        }
        double[] sorted = scores.clone();
        Arrays.sort(sorted);
        double least = sorted[scores.length - topK];
        int equal = 0;
        for (int i = scores.length - topK; i < scores.length && sorted[i] == least; i++) {
            equal++;
        }
        for (int i = 0; i < scores.length; i++) {
            boolean kept = scores[i] > least || scores[i] == least && equal-- > 0;
            scores[i] = kept ? scores[i] : Double.NEGATIVE_INFINITY;
        }
    }
}
