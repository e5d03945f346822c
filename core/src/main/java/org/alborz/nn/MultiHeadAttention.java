package org.alborz.nn;

import org.alborz.ops.AttentionOp;
import org.alborz.ops.Engine;
import org.alborz.ops.LinearOp;
import org.alborz.ops.SelfAttention;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Tensor;
import org.alborz.type.Activation;
import org.alborz.type.AttentionParameters;
import org.alborz.type.DType;
import org.alborz.type.Shape;

/**
 * Attention of several heads (Vaswani et al. 2017, section 3.2.2): queries, keys and values are projected, each head attends within its part,
 * {@code softmax(q·kᵀ / √d)·v}, and their joined results are projected again. As a layer it attends within its input; {@link #attend} attends to another sequence.
 *
 * <p>Parameters are named as PyTorch's: {@code in_proj_weight} has the rows of queries, keys and values one after the other, and starts
 * Xavier-uniform; biases start at 0.
 */
public final class MultiHeadAttention implements Layer {
    private static final LinearOp LINEAR = new LinearOp(Activation.NONE);

    /**
     * The settings.
     *
     * @param groups the heads of keys and values
     */
    private record Settings(
            int size,
            int heads,
            int groups,
            boolean biased,
            boolean causal,
            double dropout,
            RotaryPositions positions) {
        Settings {
            if (heads < 1 || size < 1 || size % heads != 0) {
                throw new IllegalArgumentException("MultiHeadAttention expects a size that is a multiple of the heads,"
                        + " got " + size + " and " + heads + " heads");
            }
            Kept.rate("MultiHeadAttention's dropout", dropout);
            if (groups < 1 || heads % groups != 0) {
                throw new IllegalArgumentException("MultiHeadAttention expects heads that are a multiple of the"
                        + " key-value heads, got " + heads + " and " + groups);
            }
        }

        int headSize() {
            return size / heads;
        }

        /** Returns the size of all heads of the keys. */
        int keySize() {
            return groups * headSize();
        }
    }

    private final Settings settings;
    private final Parameter weight;
    private final Parameter bias;
    private final Linear output;

    /**
     * Makes the layer, with biases.
     *
     * @param size of the vectors, a multiple of the heads
     */
    public MultiHeadAttention(int size, int heads) {
        this(new Settings(size, heads, heads, true, false, 0, null));
    }

    private MultiHeadAttention(Settings settings) {
        this.settings = settings;
        int rows = settings.size() + 2 * settings.keySize();
        weight = Parameter.of(Shape.of(rows, settings.size()), Initializer.xavierUniform());
        bias = settings.biased() ? Parameter.of(Shape.of(rows), Initializer.constant(0)) : null;
        output = new Linear(settings.size(), settings.size())
                .weight(Initializer.xavierUniform())
                .bias(settings.biased());
    }

    /** Returns this layer with fewer heads of keys and values, each shared by a group of query heads (Ainslie et al. 2023). */
    public MultiHeadAttention keyValueHeads(int count) {
        Settings s = settings;
        return new MultiHeadAttention(new Settings(s.size, s.heads, count, s.biased, s.causal, s.dropout, s.positions));
    }

    /** Returns this layer with or without biases. */
    public MultiHeadAttention bias(boolean biased) {
        Settings s = settings;
        return new MultiHeadAttention(
                new Settings(s.size, s.heads, s.groups, biased, s.causal, s.dropout, s.positions));
    }

    /** Returns this layer as one in which no position attends to a later one. */
    public MultiHeadAttention causal(boolean isCausal) {
        Settings s = settings;
        return new MultiHeadAttention(
                new Settings(s.size, s.heads, s.groups, s.biased, isCausal, s.dropout, s.positions));
    }

    /**
     * Returns this layer with dropout of the weights of attention, in training; the rate is in [0, 1). Nothing is stored for the gradient, which
     * draws the same numbers again.
     */
    public MultiHeadAttention dropout(double rate) {
        Settings s = settings;
        return new MultiHeadAttention(new Settings(s.size, s.heads, s.groups, s.biased, s.causal, rate, s.positions));
    }

    /** Returns this layer with rotary positions of queries and keys, whose size is that of a head. */
    public MultiHeadAttention positions(RotaryPositions rotary) {
        Settings s = settings;
        return new MultiHeadAttention(new Settings(s.size, s.heads, s.groups, s.biased, s.causal, s.dropout, rotary));
    }

    boolean isCausal() {
        return settings.causal();
    }

    /**
     * Attends within a sequence.
     *
     * @param x {@code [N, T, size]}
     * @return the same shape
     */
    @Override
    public Tensor forward(Tensor x, Pass pass) {
        return attend(x, x, null, pass);
    }

    /**
     * Attends from the positions of one sequence to those of another.
     *
     * @param query {@code [N, L, size]}
     * @param memory {@code [N, S, size]}, what keys and values are made of; the queries' own tensor for attention within a sequence
     * @param mask broadcasts to {@code [N, heads, L, S]}: bool, true where a position attends, such as {@code [N, 1, 1, S]} for padded
     *     sequences, or floating, added to the scaled products; null for none
     * @return {@code [N, L, size]}
     */
    public Tensor attend(Tensor query, Tensor memory, Tensor mask, Pass pass) {
        return attend(query, memory, mask, null, pass);
    }

    /**
     * Attends within a sequence that is continued by each call, as in generation: the keys and values of the positions before are read from the
     * cache, and those of the new positions are added to it. Only in evaluation.
     *
     * @param x the new positions {@code [N, T, size]}
     * @param cache of this layer alone
     */
    public Tensor attend(Tensor x, KeyValueCache cache, Pass pass) {
        if (pass.isRecorded()) {
            throw new IllegalStateException(
                    "MultiHeadAttention with a cache expects Pass.evaluation(): gradients do not go through a cache");
        }
        return attend(x, x, null, cache, pass);
    }

    private Tensor attend(Tensor query, Tensor memory, Tensor mask, KeyValueCache cache, Pass pass) {
        require(query, "queries");
        require(memory, "a memory");
        String outer = pass.enter(this, query);
        try (Scope scope = query.session().scope("MultiHeadAttention")) {
            return scope.keep(attended(query, memory, mask, cache, pass));
        } finally {
            pass.leave(query, outer);
        }
    }

    private Tensor attended(Tensor query, Tensor memory, Tensor mask, KeyValueCache cache, Pass pass) {
        int size = settings.size();
        int keySize = settings.keySize();
        int groups = settings.groups();
        Tensor x = pass.input(query, weight);
        boolean isWhole = query == memory && cache == null && settings.positions() == null;
        if (isWhole && (mask == null || mask.dtype() == DType.BOOL)) {
            return pass.run(output, within(project(x, 0, size + 2 * keySize, pass), mask, pass));
        }
        Tensor q;
        Tensor k;
        Tensor v;
        if (query == memory) {
            Tensor all = project(x, 0, size + 2 * keySize, pass);
            q = heads(all.narrow(2, 0, size), settings.heads());
            k = heads(all.narrow(2, size, keySize), groups);
            v = heads(all.narrow(2, size + keySize, keySize), groups);
        } else {
            Tensor both = project(pass.input(memory, weight), size, 2 * keySize, pass);
            q = heads(project(x, 0, size, pass), settings.heads());
            k = heads(both.narrow(2, 0, keySize), groups);
            v = heads(both.narrow(2, keySize, keySize), groups);
        }
        int first = cache == null ? 0 : cache.length();
        if (settings.positions() != null) {
            q = settings.positions().rotate(q, first, pass);
            k = settings.positions().rotate(k, first, pass);
        }
        if (cache != null) {
            cache.add(k, v);
            k = cache.keys();
            v = cache.values();
        }
        Tensor found = found(q, k, v, mask == null || !mask.dtype().isFloating() ? mask : mask.to(q.dtype()), pass);
        Shape shape = found.shape();
        return pass.run(output, found.transpose(1, 2).reshape(shape.size(0), shape.size(2), size));
    }

    /** Attends within sequences of which queries, keys and values are given as one projection. */
    private Tensor within(Tensor x, Tensor mask, Pass pass) {
        Settings s = settings;
        AttentionParameters parameters = new AttentionParameters(s.causal(), 0);
        boolean drops = s.dropout() > 0 && pass.isTraining();
        SelfAttention operation = new SelfAttention(
                parameters, s.heads(), s.groups(), drops ? s.dropout() : 0, drops ? pass.nextRandom() : null);
        return Engine.apply(operation, x, mask);
    }

    private Tensor found(Tensor q, Tensor k, Tensor v, Tensor mask, Pass pass) {
        AttentionParameters parameters = new AttentionParameters(settings.causal(), 0);
        boolean drops = settings.dropout() > 0 && pass.isTraining();
        return drops
                ? Engine.apply(new AttentionOp(parameters, settings.dropout(), pass.nextRandom()), q, k, v, mask)
                : Tensor.scaledDotProductAttention(q, k, v, mask, parameters);
    }

    /** Multiplies by some rows of the weights, and adds their biases. */
    private Tensor project(Tensor x, int from, int rows, Pass pass) {
        Tensor w = part(pass.use(weight), from, rows);
        Tensor b = bias == null ? null : part(pass.use(bias), from, rows);
        Shape shape = x.shape();
        Tensor flat = x.reshape(shape.size(0) * shape.size(1), shape.size(2));
        return Engine.apply(LINEAR, flat, w, b).reshape(shape.with(2, rows));
    }

    private static Tensor part(Tensor x, int from, int rows) {
        return rows == x.shape().size(0) ? x : x.narrow(0, from, rows);
    }

    /** Reads {@code [N, T, heads·E]} as {@code [N, heads, T, E]}. */
    private Tensor heads(Tensor x, int count) {
        Shape shape = x.shape();
        return x.reshape(shape.size(0), shape.size(1), count, settings.headSize())
                .transpose(1, 2);
    }

    private void require(Tensor x, String argument) {
        if (x.shape().rank() != 3 || x.shape().size(2) != settings.size()) {
            throw new IllegalArgumentException(
                    "MultiHeadAttention expects " + argument + " [N, T, " + settings.size() + "], got " + x.describe());
        }
    }

    @Override
    public void describe(Structure structure) {
        structure.parameter("in_proj_weight", weight);
        if (bias != null) {
            structure.parameter("in_proj_bias", bias);
        }
        structure.module("out_proj", output);
        if (settings.positions() != null) {
            structure.module("positions", settings.positions());
        }
    }

    @Override
    public String toString() {
        Settings s = settings;
        return "MultiHeadAttention(" + s.size + ", " + s.heads + " heads"
                + (s.groups == s.heads ? "" : ", " + s.groups + " of keys")
                + (s.biased ? "" : ", no bias")
                + (s.causal ? ", causal" : "")
                + (s.dropout == 0 ? "" : ", dropout " + s.dropout) + ")";
    }
}
