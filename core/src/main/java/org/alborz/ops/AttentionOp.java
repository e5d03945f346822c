package org.alborz.ops;

import java.util.List;
import org.alborz.autograd.GradientSink;
import org.alborz.backend.Attention;
import org.alborz.backend.Backend;
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
 * has a gradient.
 */
public record AttentionOp(AttentionParameters parameters) implements Op {
    private static final int QUERY = 0;
    private static final int KEY = 1;
    static final int VALUE = 2;
    static final int MASK = 3;
    private static final int STATISTICS = 1;

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
        if (fusion != null) {
            fusion.forward(
                    parameters,
                    call.in(QUERY),
                    call.in(KEY),
                    call.in(VALUE),
                    call.in(MASK),
                    call.out(0),
                    call.out(STATISTICS));
            return;
        }
        Softmaxed softmaxed = softmaxed(parameters, call.tensor(QUERY), call.tensor(KEY), call.tensor(MASK));
        call.give(0, weighted(softmaxed.weights(), call.tensor(VALUE)));
        call.give(STATISTICS, Tensor.concat(3, softmaxed.largest(), softmaxed.sum()));
    }

    /** Returns the backend's own attention, or null where the result has to be composed. */
    static Attention fusion(Backend backend, Call call) {
        Attention fusion = backend.fusion(Attention.class).orElse(null);
        boolean takes = fusion != null
                && fusion.takes(
                        call.dtype(QUERY),
                        call.shape(KEY).size(3),
                        call.shape(VALUE).size(3));
        return takes ? fusion : null;
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
        boolean composes = inputs.differentiable() || inputs.needs(MASK);
        Tensor[] gradients = composes
                ? composedGradient(parameters, query, key, value, mask, dy)
                : Engine.applyAll(
                        new AttentionBackward(parameters),
                        MASK,
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

    /** The weights {@code [N, H, L, S]}, and what they were computed with, {@code [N, H, L, 1]}. */
    private record Softmaxed(Tensor weights, Tensor largest, Tensor sum) {}

    /** Computes the weights of the values, {@code [N, H, L, S]}; 0 for a query that attends to no key. */
    public static Tensor weights(AttentionParameters parameters, Tensor query, Tensor key, Tensor mask) {
        return softmaxed(parameters, query, key, mask).weights();
    }

    private static Softmaxed softmaxed(AttentionParameters parameters, Tensor query, Tensor key, Tensor mask) {
        double scale = parameters.scale(query.shape().size(3));
        int groups = key.shape().size(1);
        // Of float16 before the product, which may be beyond it otherwise.
        boolean first = query.dtype() == DType.FLOAT16;
        Tensor rows = first ? query.mul(scale) : query;
        Tensor products =
                ungrouped(grouped(rows, groups).matmul(key.unsqueeze(2).transpose(-1, -2)));
        Tensor scores = first ? products : products.mul(scale);
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
        Tensor largest = wide.detach().max(true, -1).clamp(-bound, bound);
        Tensor exponentials = wide.sub(largest).exp();
        Tensor sum = exponentials.sum(true, -1);
        Tensor safe = Where.apply(sum.eq(0), Full.like(sum, 1), sum);
        return new Softmaxed(exponentials.div(safe).to(query.dtype()), largest, sum);
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
     * Computes the gradients of queries, keys, values, and of a mask {@code [N, H, L, S]} that is added. With P the weights: dV = Pᵀ·dY, and
     * with dP = dY·Vᵀ, dS = P·(dP − rows' sums of P·dP), which is the mask's: dQ = scale·dS·K and dK = scale·dSᵀ·Q.
     */
    static Tensor[] composedGradient(
            AttentionParameters parameters, Tensor query, Tensor key, Tensor value, Tensor mask, Tensor dy) {
        int groups = key.shape().size(1);
        Tensor weights = weights(parameters, query, key, mask);
        Tensor slopes = grouped(dy, groups);
        Tensor ofValue =
                grouped(weights, groups).transpose(-1, -2).matmul(slopes).sum(false, 2);
        Tensor projected =
                weights.mul(ungrouped(slopes.matmul(value.unsqueeze(2).transpose(-1, -2))));
        Tensor ofScores = projected.sub(weights.mul(projected.sum(true, -1)));
        Tensor scaled = grouped(ofScores.mul(parameters.scale(query.shape().size(3))), groups);
        return new Tensor[] {
            ungrouped(scaled.matmul(key.unsqueeze(2))),
            scaled.transpose(-1, -2).matmul(grouped(query, groups)).sum(false, 2),
            ofValue,
            ofScores
        };
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
