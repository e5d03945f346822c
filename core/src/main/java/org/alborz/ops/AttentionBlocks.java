package org.alborz.ops;

import java.util.ArrayList;
import java.util.List;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/**
 * Attention by blocks of queries, so that its memory grows with the sequence, not its square: whole samples where their weights are few, else heads of a
 * sample that share keys, else some queries of a head. Weights of a block follow each other in the row-major order of all of them.
 */
final class AttentionBlocks {
    /** The most weights of a block, unless one query has more: 512 KiB in float32. */
    private static final long MOST_WEIGHTS = 1 << 17;

    private final AttentionComposition composition;
    private final Tensor query;
    private final Tensor key;
    private final Tensor value;
    private final Tensor mask;
    private final Session session;
    private final DType wide;
    private final int shared;

    /** Takes queries, keys and values, and a mask as large as all weights, or null. */
    AttentionBlocks(AttentionComposition composition, Tensor query, Tensor key, Tensor value, Tensor mask) {
        this.composition = composition;
        this.query = query;
        this.key = key;
        this.value = value;
        this.mask = mask;
        this.session = query.session();
        this.wide = query.dtype().accumulator();
        this.shared = query.shape().size(1) / key.shape().size(1);
    }

    /** Some samples, heads and queries of all. */
    private record Block(int sample, int samples, int head, int heads, int first, int count) {}

    private List<Block> blocks() {
        Shape q = query.shape();
        int n = q.size(0);
        int heads = q.size(1);
        int queries = q.size(2);
        long ofQuery = key.shape().size(2);
        List<Block> blocks = new ArrayList<>();
        if (ofQuery * heads * queries <= MOST_WEIGHTS) {
            int samples = (int) Math.max(1, MOST_WEIGHTS / Math.max(1, ofQuery * heads * queries));
            for (int i = 0; i < n; i += samples) {
                blocks.add(new Block(i, Math.min(samples, n - i), 0, heads, 0, queries));
            }
            return blocks;
        }
        boolean together = ofQuery * shared * queries <= MOST_WEIGHTS;
        int headsOf = together ? shared : 1;
        int count = together ? queries : (int) Math.max(1, Math.min(queries, MOST_WEIGHTS / ofQuery));
        for (int i = 0; i < n; i++) {
            for (int h = 0; h < heads; h += headsOf) {
                for (int l = 0; l < queries; l += count) {
                    blocks.add(new Block(i, 1, h, headsOf, l, Math.min(count, queries - l)));
                }
            }
        }
        return blocks;
    }

    private AttentionComposition.Place place(Block b) {
        Shape q = query.shape();
        int keys = key.shape().size(2);
        long row = ((long) b.sample * q.size(1) + b.head) * q.size(2) + b.first;
        return new AttentionComposition.Place(keys - q.size(2) + b.first, row * keys);
    }

    /** Returns a block's part of what is {@code [N, H, L, …]}. */
    private static Tensor rows(Tensor x, Block b) {
        return x == null
                ? null
                : x.narrow(0, b.sample, b.samples).narrow(1, b.head, b.heads).narrow(2, b.first, b.count);
    }

    /** Returns a block's part of what is {@code [N, G, S, …]}. */
    private Tensor ofKeys(Tensor x, Block b) {
        return x.narrow(0, b.sample, b.samples).narrow(1, b.head / shared, Math.max(1, b.heads / shared));
    }

    /** Computes the result and the statistics, as {@link org.alborz.backend.Attention} has them. */
    Tensor[] forward() {
        Shape q = query.shape();
        Tensor result = empty(query.dtype(), q.with(3, value.shape().size(3)));
        Tensor statistics = empty(wide, q.with(3, 2));
        for (Block b : blocks()) {
            try (Scope scope = session.scope("attention block")) {
                AttentionComposition.Place place = place(b);
                AttentionComposition.Softmaxed softmaxed =
                        composition.softmaxed(rows(query, b), ofKeys(key, b), rows(mask, b), place);
                Tensor weights = composition.dropped(softmaxed.weights(), place);
                Tensor y = AttentionComposition.weighted(weights, ofKeys(value, b));
                rows(result, b).assign(y.to(query.dtype()));
                rows(statistics, b).assign(Tensor.concat(3, softmaxed.largest(), softmaxed.sum()));
            }
        }
        return new Tensor[] {result, statistics};
    }

    /**
     * Computes the gradients of queries, keys and values, and that of a mask that is added.
     *
     * @param maskShape the shape that the mask had before it was repeated, of any rank; null for no gradient of it
     */
    Tensor[] backward(Tensor dy, Shape maskShape) {
        Tensor dQuery = empty(wide, query.shape());
        Tensor dKey = empty(wide, key.shape()).fill(0);
        Tensor dValue = empty(wide, value.shape()).fill(0);
        Tensor dMask =
                maskShape == null ? null : empty(wide, fourAxes(maskShape)).fill(0);
        for (Block b : blocks()) {
            try (Scope scope = session.scope("attention block")) {
                Tensor[] gradients = composition.gradient(
                        rows(query, b), ofKeys(key, b), ofKeys(value, b), rows(mask, b), rows(dy, b), place(b));
                rows(dQuery, b).assign(gradients[0]);
                add(ofKeys(dKey, b), gradients[1]);
                add(ofKeys(dValue, b), gradients[2]);
                if (dMask != null) {
                    addMask(dMask, gradients[AttentionOp.MASK], b);
                }
            }
        }
        DType type = query.dtype();
        return new Tensor[] {
            dQuery.to(type),
            dKey.to(type),
            dValue.to(type),
            dMask == null ? null : dMask.reshape(maskShape).to(type)
        };
    }

    private static void add(Tensor target, Tensor more) {
        target.assign(target.add(more));
    }

    /** Adds the gradient of a block's scores where the mask was repeated. */
    private static void addMask(Tensor dMask, Tensor ofScores, Block b) {
        Shape s = dMask.shape();
        Tensor part = dMask;
        part = s.size(0) == 1 ? part : part.narrow(0, b.sample, b.samples);
        part = s.size(1) == 1 ? part : part.narrow(1, b.head, b.heads);
        part = s.size(2) == 1 ? part : part.narrow(2, b.first, b.count);
        add(part, Reduction.sumTo(ofScores, part.shape()));
    }

    private static Shape fourAxes(Shape shape) {
        Shape four = shape;
        while (four.rank() < 4) {
            four = four.insert(0, 1);
        }
        return four;
    }

    private Tensor empty(DType type, Shape shape) {
        return session.empty(type, Layout.rowMajor(shape));
    }
}
