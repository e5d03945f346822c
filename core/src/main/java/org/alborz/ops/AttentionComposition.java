package org.alborz.ops;

import org.alborz.random.RandomKey;
import org.alborz.tensor.Tensor;
import org.alborz.tensor.TensorAccess;
import org.alborz.type.AttentionParameters;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/**
 * Attention of other operations, with all weights of the queries that it is given at once; 16 bits are computed in float32. Of a part of all
 * queries, {@link AttentionBlocks} says which part.
 *
 * @param dropout the share of weights that become 0, after softmax
 * @param key where the numbers of dropout begin, for all weights {@code [N, H, L, S]} in row-major order; null without dropout
 */
public record AttentionComposition(AttentionParameters parameters, double dropout, RandomKey key) {
    /** Where queries are among all. */
    record Place(int position, long firstWeight) {}

    /** The weights {@code [N, H, L, S]} before dropout, and what they were computed with, {@code [N, H, L, 1]}. */
    record Softmaxed(Tensor weights, Tensor largest, Tensor sum) {}

    /** Returns where all queries are: the last has the position of the last key. */
    static Place all(Tensor query, Tensor key) {
        return new Place(key.shape().size(2) - query.shape().size(2), 0);
    }

    /** Computes attention as a whole, in the queries' type. */
    public Tensor of(Tensor query, Tensor key, Tensor value, Tensor mask) {
        Place place = all(query, key);
        Tensor weights = softmaxed(query, key, mask, place).weights();
        return weighted(dropped(weights, place), value).to(query.dtype());
    }

    /** Computes the weights of the values, 0 for a query that attends to no key. */
    Softmaxed softmaxed(Tensor query, Tensor key, Tensor mask, Place place) {
        int groups = key.shape().size(1);
        Tensor products = ungrouped(
                grouped(wide(query), groups).matmul(wide(key).unsqueeze(2).transpose(-1, -2)));
        Tensor scores = products.mul(parameters.scale(query.shape().size(3)));
        if (mask != null) {
            scores = mask.dtype() == DType.BOOL
                    ? scores.maskedFill(mask.not(), Double.NEGATIVE_INFINITY)
                    : scores.add(wide(mask));
        }
        if (parameters.causal()) {
            scores = scores.maskedFill(later(scores, place.position()), Double.NEGATIVE_INFINITY);
        }
        double bound = scores.dtype() == DType.FLOAT64 ? Double.MAX_VALUE : Float.MAX_VALUE;
        Tensor largest = scores.detach().max(true, -1).clamp(-bound, bound);
        Tensor exponentials = scores.sub(largest).exp();
        Tensor sum = exponentials.sum(true, -1);
        Tensor safe = Where.apply(sum.eq(0), Full.like(sum, 1), sum);
        return new Softmaxed(exponentials.div(safe), largest, sum);
    }

    private static Tensor wide(Tensor x) {
        return x.to(x.dtype().accumulator());
    }

    /** Drops weights, each by the number of its place among those of all queries. */
    Tensor dropped(Tensor weights, Place place) {
        if (key == null) {
            return weights;
        }
        int skipped = (int) (place.firstWeight() % DropoutOp.WORDS_PER_COUNT);
        RandomKey from = new RandomKey(
                key.seed(), key.stream(), key.counter() + place.firstWeight() / DropoutOp.WORDS_PER_COUNT);
        return skipped == 0
                ? Engine.apply(new DropoutOp(dropout, from, Layout.rowMajor(weights.shape())), weights)
                : DropoutOp.composed(weights, dropout, from, skipped);
    }

    /** Computes the sums of values {@code [N, G, S, D]} with weights {@code [N, H, L, S]}. */
    static Tensor weighted(Tensor weights, Tensor value) {
        return ungrouped(
                grouped(weights, value.shape().size(1)).matmul(wide(value).unsqueeze(2)));
    }

    /** Returns where a key comes after a query, bool {@code [L, S]}; the first query has the given position. */
    private static Tensor later(Tensor scores, int position) {
        int queries = scores.shape().size(2);
        int keys = scores.shape().size(3);
        int first = Math.min(0, position);
        Tensor places = TensorAccess.range(scores.session(), first, keys);
        Tensor ofKeys = places.narrow(0, -first, keys);
        return ofKeys.reshape(1, keys)
                .gt(places.narrow(0, position - first, queries).reshape(queries, 1));
    }

    /**
     * Computes the gradients of queries, keys, values, and of a mask {@code [N, H, L, S]} that is added, in the type that is computed in. With P
     * the weights and M what dropout makes of them: dV = M(P)ᵀ·dY, and with dP = M(dY·Vᵀ), dS = P·(dP − rows' sums of P·dP), which is the mask's:
     * dQ = scale·dS·K and dK = scale·dSᵀ·Q.
     */
    Tensor[] gradient(Tensor query, Tensor key, Tensor value, Tensor mask, Tensor dy, Place place) {
        int groups = key.shape().size(1);
        Tensor weights = softmaxed(query, key, mask, place).weights();
        Tensor left = dropped(weights, place);
        Tensor slopes = grouped(wide(dy), groups);
        Tensor ofValue = grouped(left, groups).transpose(-1, -2).matmul(slopes).sum(false, 2);
        Tensor projected =
                left.mul(ungrouped(slopes.matmul(wide(value).unsqueeze(2).transpose(-1, -2))));
        Tensor ofScores = projected.sub(weights.mul(projected.sum(true, -1)));
        Tensor scaled = grouped(ofScores.mul(parameters.scale(query.shape().size(3))), groups);
        return new Tensor[] {
            ungrouped(scaled.matmul(wide(key).unsqueeze(2))),
            scaled.transpose(-1, -2).matmul(grouped(wide(query), groups)).sum(false, 2),
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
