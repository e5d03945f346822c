package org.alborz.ops;

import java.util.List;
import org.alborz.autograd.GradientSink;
import org.alborz.backend.Attention;
import org.alborz.backend.Backend;
import org.alborz.backend.Operand;
import org.alborz.random.RandomKey;
import org.alborz.tensor.Tensor;
import org.alborz.type.AttentionParameters;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/**
 * Scaled dot-product attention (Vaswani et al. 2017, equation 1): {@code softmax(scale·Q·Kᵀ + mask)·V}.
 *
 * <p>Inputs are queries {@code [N, H, L, E]}, keys {@code [N, G, S, E]} and values {@code [N, G, S, D]} of one type, H being a multiple of G:
 * query head h attends to key head h / (H / G), which is attention of grouped heads (Ainslie et al. 2023); and a mask that broadcasts to
 * {@code [N, H, L, S]}, or null: bool, true where a query attends, or of the queries' type, added to the scaled products. Results are {@code
 * [N, H, L, D]}, 0 for a query that may attend to no key, and what {@link Attention} calls the statistics, {@code [N, H, L, 2]}; only the first
 * has a gradient. It is computed by blocks of queries where the backend has no attention of its own for the type and sizes, and so is the gradient
 * where that of an added mask is asked for, so that memory grows with L and S and not with their product.
 *
 * @param dropout the share of the weights that become 0 after softmax (inverted dropout); their numbers are those of {@link DropoutOp} for weights
 *     {@code [N, H, L, S]} in row-major order
 * @param key of those numbers; null for no dropout
 */
public record AttentionOp(AttentionParameters parameters, double dropout, RandomKey key) implements Op {
    private static final int QUERY = 0;
    private static final int KEY = 1;
    static final int VALUE = 2;
    static final int MASK = 3;
    private static final int STATISTICS = 1;

    /** Refuses a rate of dropout outside of [0, 1). */
    public AttentionOp {
        requireRate(dropout);
    }

    static void requireRate(double dropout) {
        if (!(dropout >= 0 && dropout < 1)) {
            throw new IllegalArgumentException(
                    "scaledDotProductAttention expects a rate of dropout in [0, 1), got " + dropout);
        }
    }

    /** Attention without dropout. */
    public AttentionOp(AttentionParameters parameters) {
        this(parameters, 0, null);
    }

    @Override
    public String name() {
        return "scaledDotProductAttention";
    }

    @Override
    public void infer(Call call) {
        Shape scores = require(call);
        call.result(scores.with(3, call.shape(VALUE).size(3)));
        call.result(call.dtype(QUERY).accumulator(), Layout.rowMajor(scores.with(3, 2)));
    }

    /** Refuses inputs that do not fit, and asks for those but the mask row-major; returns the shape of the products. */
    static Shape require(Call call) {
        call.floating(QUERY);
        Shape q = call.shape(QUERY);
        Shape k = call.shape(KEY);
        Shape v = call.shape(VALUE);
        for (int i = QUERY; i <= VALUE; i++) {
            call.sameType(QUERY, i);
            call.rank(i, i == QUERY ? "queries" : i == KEY ? "keys" : "values", 4, "[N, heads, places, size]");
        }
        if (k.size(0) != q.size(0)
                || k.size(3) != q.size(3)
                || !v.with(3, 1).equals(k.with(3, 1))
                || k.size(1) == 0
                || q.size(1) % k.size(1) != 0) {
            throw new IllegalArgumentException(call.name()
                    + " expects queries [N, H, L, E], keys [N, G, S, E] and values [N, G, S, D] with H a multiple of"
                    + " G, got " + q + ", " + k + " and " + v);
        }
        if (k.size(2) == 0 || k.size(3) == 0) {
            throw new IllegalArgumentException(
                    call.name() + " expects at least one key, of a size of at least 1, got keys " + k);
        }
        Shape scores = Shape.of(q.size(0), q.size(1), q.size(2), k.size(2));
        for (int i = QUERY; i <= VALUE; i++) {
            call.rowMajor(i);
        }
        if (call.has(MASK)) {
            if (call.dtype(MASK) != DType.BOOL && call.dtype(MASK) != call.dtype(QUERY)) {
                throw new IllegalArgumentException(call.name() + " expects a mask of bool or, to be added, of "
                        + call.dtype(QUERY) + ", got " + call.describe(MASK));
            }
            call.broadcast(MASK, scores);
        }
        return scores;
    }

    @Override
    public void compute(Backend backend, Call call) {
        Attention fusion = fusion(backend, call);
        Tensor result = null;
        if (fusion != null) {
            boolean narrow = !takes(fusion, call, call.dtype(QUERY));
            if (narrow) {
                result = call.tensor(QUERY)
                        .session()
                        .empty(DType.FLOAT32, Layout.rowMajor(call.out(0).shape()));
            }
            fusion.forward(
                    parameters,
                    dropped(dropout, key),
                    widened(call, QUERY, narrow),
                    widened(call, KEY, narrow),
                    widened(call, VALUE, narrow),
                    call.in(MASK),
                    narrow ? result : call.out(0),
                    call.out(STATISTICS));
            if (narrow) {
                call.give(0, result.to(call.dtype(QUERY)));
            }
            return;
        }
        Tensor[] results = blocks(call, composition()).forward();
        call.give(0, results[0]);
        call.give(STATISTICS, results[STATISTICS]);
    }

    private AttentionComposition composition() {
        return new AttentionComposition(parameters, dropout, key);
    }

    static AttentionBlocks blocks(Call call, AttentionComposition composition) {
        return new AttentionBlocks(
                composition, call.tensor(QUERY), call.tensor(KEY), call.tensor(VALUE), call.tensor(MASK));
    }

    /** Returns an input, in float32 where its type is narrower than what a backend takes. */
    static Operand widened(Call call, int input, boolean narrow) {
        return narrow ? call.tensor(input).to(DType.FLOAT32) : call.in(input);
    }

    /**
     * Returns the backend's own attention, or null where the result has to be composed. Of 16 bits it may be one that takes float32 only, unless a
     * mask would have to be converted, which may be read as if repeated.
     */
    static Attention fusion(Backend backend, Call call) {
        Attention fusion = backend.fusion(Attention.class).orElse(null);
        if (fusion == null || takes(fusion, call, call.dtype(QUERY))) {
            return fusion;
        }
        boolean converts = call.dtype(QUERY).accumulator() != call.dtype(QUERY)
                && (!call.has(MASK) || call.dtype(MASK) == DType.BOOL);
        return converts && takes(fusion, call, DType.FLOAT32) ? fusion : null;
    }

    static Attention.Dropout dropped(double rate, RandomKey key) {
        return key == null ? null : new Attention.Dropout(rate, key);
    }

    static boolean takes(Attention fusion, Call call, DType dtype) {
        return fusion.takes(dtype, call.shape(KEY).size(3), call.shape(VALUE).size(3));
    }

    @Override
    public long multiplyAdds(List<TensorSpec> inputs, List<TensorSpec> results) {
        Shape k = inputs.get(KEY).shape();
        Shape y = results.get(0).shape();
        return y.with(3, 1).elements() * k.size(2) * ((long) k.size(3) + y.size(3));
    }

    @Override
    public int saves() {
        return Op.input(QUERY)
                | Op.input(KEY)
                | Op.input(VALUE)
                | Op.input(MASK)
                | Op.result(0)
                | Op.result(STATISTICS);
    }

    @Override
    public void gradient(Tensor dy, GradientSink inputs) {
        Tensor query = inputs.input(QUERY);
        Tensor key = inputs.input(KEY);
        Tensor value = inputs.input(VALUE);
        Tensor mask = inputs.input(MASK);
        boolean ofMask = inputs.needs(MASK);
        Tensor[] gradients = inputs.differentiable()
                ? composedGradient(query, key, value, mask, dy)
                : Engine.applyAll(
                        new AttentionBackward(parameters, dropout, this.key, ofMask),
                        ofMask ? MASK + 1 : MASK,
                        query,
                        key,
                        value,
                        mask,
                        inputs.result(0),
                        inputs.result(STATISTICS),
                        dy);
        for (int i = QUERY; i < MASK; i++) {
            inputs.add(i, gradients[i]);
        }
        if (inputs.needs(MASK)) {
            inputs.add(MASK, Reduction.sumTo(gradients[MASK], inputs.shape(MASK)));
        }
    }

    private Tensor[] composedGradient(Tensor query, Tensor key, Tensor value, Tensor mask, Tensor dy) {
        Tensor[] gradients = composition().gradient(query, key, value, mask, dy, AttentionComposition.all(query, key));
        for (int i = 0; i < gradients.length; i++) {
            gradients[i] = gradients[i].to(query.dtype());
        }
        return gradients;
    }
}
