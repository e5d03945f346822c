package org.alborz.ops;

import java.util.List;
import org.alborz.autograd.GradientSink;
import org.alborz.backend.Backend;
import org.alborz.tensor.Tensor;
import org.alborz.type.AttentionParameters;
import org.alborz.type.DType;
import org.alborz.type.Shape;

/**
 * Scaled dot-product attention (Vaswani et al. 2017, equation 1): {@code softmax(scale·Q·Kᵀ + mask)·V}.
 *
 * <p>Inputs are queries {@code [N, H, L, E]}, keys {@code [N, G, S, E]} and values {@code [N, G, S, D]} of one type, H being a multiple of G:
 * query head h attends to key head h / (H / G), which is attention of grouped heads (Ainslie et al. 2023); and a mask that broadcasts to
 * {@code [N, H, L, S]}, or null: bool, true where a query attends, or of the queries' type, added to the scaled products. The result is
 * {@code [N, H, L, D]}; a query that may attend to no key gets 0.
 */
public record AttentionOp(AttentionParameters parameters) implements Op {
    private static final int QUERY = 0;
    private static final int KEY = 1;
    private static final int VALUE = 2;
    private static final int MASK = 3;

    @Override
    public String name() {
        return "scaledDotProductAttention";
    }

    @Override
    public void infer(Call call) {
        Shape scores = require(call);
        call.result(scores.with(3, call.shape(VALUE).size(3)));
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
        Tensor weights = weights(parameters, call.tensor(QUERY), call.tensor(KEY), call.tensor(MASK));
        call.give(0, weighted(weights, call.tensor(VALUE)));
    }

    @Override
    public long multiplyAdds(List<TensorSpec> inputs, List<TensorSpec> results) {
        Shape k = inputs.get(KEY).shape();
        Shape y = results.get(0).shape();
        return y.with(3, 1).elements() * k.size(2) * ((long) k.size(3) + y.size(3));
    }

    @Override
    public int saves() {
        return Op.input(QUERY) | Op.input(KEY) | Op.input(VALUE) | Op.input(MASK);
    }

    @Override
    public void gradient(Tensor dy, GradientSink inputs) {
        composed(dy, inputs);
    }

    /** Computes the softmax's result, {@code [N, H, L, S]}; 0 for a query that attends to no key. */
    public static Tensor weights(AttentionParameters parameters, Tensor query, Tensor key, Tensor mask) {
        double scale = parameters.scale(query.shape().size(3));
        int groups = key.shape().size(1);
        Tensor scores = ungrouped(grouped(query, groups).matmul(key.unsqueeze(2).transpose(-1, -2)))
                .mul(scale);
        if (mask != null) {
            scores = mask.dtype() == DType.BOOL
                    ? scores.maskedFill(mask.not(), Double.NEGATIVE_INFINITY)
                    : scores.add(mask);
        }
        if (parameters.causal()) {
            scores = scores.maskedFill(later(scores), Double.NEGATIVE_INFINITY);
        }
        Tensor wide = scores.to(scores.dtype().accumulator());
        double bound = wide.dtype() == DType.FLOAT64 ? Double.MAX_VALUE : Float.MAX_VALUE;
        Tensor largest = wide.shape().elements() == 0
                ? wide.detach()
                : wide.detach().max(true, -1).clamp(-bound, bound);
        Tensor exponentials = wide.sub(largest).exp();
        Tensor sum = exponentials.sum(true, -1);
        Tensor safe = Where.apply(sum.eq(0), Full.like(sum, 1), sum);
        return exponentials.div(safe).to(query.dtype());
    }

    /** Computes the sums of values {@code [N, G, S, D]} with weights {@code [N, H, L, S]}. */
    public static Tensor weighted(Tensor weights, Tensor value) {
        return ungrouped(grouped(weights, value.shape().size(1)).matmul(value.unsqueeze(2)));
    }

    /** Returns where a key comes after a query, bool {@code [L, S]}. */
    private static Tensor later(Tensor scores) {
        int queries = scores.shape().size(2);
        int keys = scores.shape().size(3);
        Tensor places = scores.session().arange(keys - queries, keys).reshape(queries, 1);
        return scores.session().arange(keys).reshape(1, keys).gt(places);
    }

    /**
     * With P the weights: dV = Pᵀ·dY, and with dP = dY·Vᵀ, dS = P·(dP − rows' sums of P·dP), which is the mask's gradient: dQ = scale·dS·K and
     * dK = scale·dSᵀ·Q.
     */
    private void composed(Tensor dy, GradientSink inputs) {
        Tensor query = inputs.input(QUERY);
        Tensor key = inputs.input(KEY);
        Tensor value = inputs.input(VALUE);
        int groups = key.shape().size(1);
        double scale = parameters.scale(query.shape().size(3));
        Tensor weights = weights(parameters, query, key, inputs.input(MASK));
        Tensor slopes = grouped(dy, groups);
        if (inputs.needs(VALUE)) {
            inputs.add(
                    VALUE,
                    grouped(weights, groups).transpose(-1, -2).matmul(slopes).sum(false, 2));
        }
        Tensor projected =
                weights.mul(ungrouped(slopes.matmul(value.unsqueeze(2).transpose(-1, -2))));
        Tensor ofScores = projected.sub(weights.mul(projected.sum(true, -1)));
        if (inputs.needs(MASK)) {
            inputs.add(MASK, Reduction.sumTo(ofScores, inputs.shape(MASK)));
        }
        Tensor scaled = grouped(ofScores.mul(scale), groups);
        if (inputs.needs(QUERY)) {
            inputs.add(QUERY, ungrouped(scaled.matmul(key.unsqueeze(2))));
        }
        if (inputs.needs(KEY)) {
            inputs.add(
                    KEY, scaled.transpose(-1, -2).matmul(grouped(query, groups)).sum(false, 2));
        }
    }

    /** Reads {@code [N, H, L, S]} as {@code [N, G, H / G, L, S]}. */
    private static Tensor grouped(Tensor x, int groups) {
        Shape shape = x.shape();
        return x.reshape(Shape.of(shape.size(0), groups, shape.size(1) / groups, shape.size(2), shape.size(3)));
    }

    private static Tensor ungrouped(Tensor x) {
        Shape shape = x.shape();
        return x.reshape(Shape.of(shape.size(0), shape.size(1) * shape.size(2), shape.size(3), shape.size(4)));
    }
}
