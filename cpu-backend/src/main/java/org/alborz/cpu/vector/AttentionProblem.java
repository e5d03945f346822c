package org.alborz.cpu.vector;

import org.alborz.backend.Attention.Dropout;
import org.alborz.backend.Operand;
import org.alborz.cpu.memory.CpuBuffer;
import org.alborz.type.AttentionParameters;
import org.alborz.type.DType;
import org.alborz.type.Shape;

/** The sizes of one attention, where its operands are, and which keys a query attends to. */
final class AttentionProblem {
    final int batch;
    final int heads;
    final int groups;
    final int queries;
    final int keys;
    final int keySize;
    final int valueSize;
    final float scale;
    final AttentionHeads query;
    final AttentionHeads key;
    final AttentionHeads value;
    final AttentionDropout dropout;
    private final boolean causal;
    private final Operand mask;
    private final CpuBuffer maskValues;

    AttentionProblem(
            AttentionParameters parameters, Dropout dropout, Operand query, Operand key, Operand value, Operand mask) {
        this.dropout = AttentionDropout.of(dropout);
        Shape shape = query.shape();
        batch = shape.size(0);
        heads = shape.size(1);
        queries = shape.size(2);
        keySize = shape.size(3);
        groups = key.shape().size(1);
        keys = key.shape().size(2);
        valueSize = value.shape().size(3);
        scale = (float) parameters.scale(keySize);
        causal = parameters.causal();
        this.query = AttentionHeads.of(query);
        this.key = AttentionHeads.of(key);
        this.value = AttentionHeads.of(value);
        this.mask = mask;
        maskValues = mask == null ? null : CpuBuffer.of(mask);
    }

    /** Returns how many keys, from the first, a query may attend to. */
    int visible(int place) {
        return causal ? Math.max(0, Math.min(keys, place + keys - queries + 1)) : keys;
    }

    /** Returns how many of some keys, from the first of them, a query may attend to. */
    int seen(int place, int from, int width) {
        return Math.max(0, Math.min(width, visible(place) - from));
    }

    /** Returns the group of a head, both numbered through the batch. */
    int group(int head) {
        return head / (heads / groups);
    }

    /** Copies queries of a head times the scale, row-major. */
    void scaled(int head, int first, int count, float[] into) {
        for (int row = 0; row < count; row++) {
            System.arraycopy(query.array(), query.at(head, first + row), into, row * keySize, keySize);
        }
        SoftmaxRows.scale(scale, 0, into, 0, count * keySize);
    }

    /** Drops weights of a query, of the keys from one on; without dropout x stays as it is, and y is the same. */
    void drop(Workspace memory, int head, int place, int from, float[] x, int xAt, float[] y, int yAt, int width) {
        if (dropout != null) {
            long row = (long) head * queries + place;
            dropout.apply(memory, row * keys + from, visible(place) - from, x, xAt, y, yAt, width);
        }
    }

    /** Applies the mask, if there is one, to products of a query with some keys; −∞ where it does not attend. */
    void mask(int head, int place, int from, int width, float[] products, int at) {
        if (mask == null) {
            return;
        }
        long start = mask.layout().offset()
                + head / heads * mask.layout().stride(0)
                + head % heads * mask.layout().stride(1)
                + place * mask.layout().stride(2)
                + from * mask.layout().stride(3);
        int step = (int) mask.layout().stride(3);
        boolean chooses = maskValues.dtype() == DType.BOOL;
        for (int i = 0; i < width; i++) {
            double more = maskValues.get((int) start + i * step);
            if (!chooses) {
                products[at + i] += (float) more;
            } else if (more == 0) {
                products[at + i] = Float.NEGATIVE_INFINITY;
            }
        }
    }
}
