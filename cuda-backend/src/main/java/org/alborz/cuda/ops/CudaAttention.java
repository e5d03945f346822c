package org.alborz.cuda.ops;

import org.alborz.backend.Attention;
import org.alborz.backend.Operand;
import org.alborz.backend.RandomFill;
import org.alborz.random.RandomKey;
import org.alborz.type.AttentionParameters;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/** Attention by tiles in shared memory: one launch forward and two backward. */
final class CudaAttention implements Attention {
    /** Queries, or keys, of a block. */
    private static final int ROWS = 8;

    /** The largest sizes that the kernels' tiles hold. */
    private static final int WIDEST = 128;

    private static final int WIDEST_OF_DOUBLES = 64;

    /** How many different uniform numbers there are; see {@link RandomFill#uniform}. */
    private static final double NUMBERS = 1 << 24;

    private final LaunchContext context;
    private final RandomAdvance advance;

    CudaAttention(LaunchContext context, RandomAdvance advance) {
        this.context = context;
        this.advance = advance;
    }

    @Override
    public boolean takes(DType dtype, int keySize, int valueSize) {
        return Math.max(keySize, valueSize) <= (dtype == DType.FLOAT64 ? WIDEST_OF_DOUBLES : WIDEST);
    }

    @Override
    public boolean takesParts() {
        return true;
    }

    @Override
    public void forward(
            AttentionParameters parameters,
            Dropout dropout,
            Operand query,
            Operand key,
            Operand value,
            Operand mask,
            Operand result,
            Operand statistics) {
        Shape q = query.shape();
        long work = blocks(q.size(0) * (long) q.size(1), q.size(2));
        if (work == 0) {
            return;
        }
        Mask m = new Mask(mask);
        Numbers numbers = Numbers.of(dropout);
        context.kernels()
                .attention(
                        query.dtype(),
                        query,
                        key,
                        value,
                        m.chosen(),
                        m.added(),
                        m.stride(0),
                        m.stride(1),
                        m.stride(2),
                        m.stride(3),
                        numbers.key().seed(),
                        numbers.key().stream(),
                        advance.counter(numbers.key()),
                        advance,
                        numbers.threshold(),
                        numbers.scale(),
                        parameters.scale(q.size(3)),
                        parameters.causal() ? 1 : 0,
                        Math.multiplyExact(q.size(0), q.size(1)),
                        q.size(1),
                        q.size(1) / key.shape().size(1),
                        q.size(2),
                        key.shape().size(2),
                        q.size(3),
                        value.shape().size(3),
                        new AttentionStrides(query, key, value, result),
                        result,
                        statistics);
        context.run(work, 1);
    }

    @Override
    public void backward(
            AttentionParameters parameters,
            Dropout dropout,
            Inputs inputs,
            Operand dQuery,
            Operand dKey,
            Operand dValue) {
        Shape q = inputs.query().shape();
        Shape k = inputs.key().shape();
        Mask m = new Mask(inputs.mask());
        Numbers numbers = Numbers.of(dropout);
        int heads = Math.multiplyExact(q.size(0), q.size(1));
        int shared = q.size(1) / k.size(1);
        int causal = parameters.causal() ? 1 : 0;
        double scale = parameters.scale(q.size(3));
        int valueSize = inputs.value().shape().size(3);
        AttentionStrides strides = new AttentionStrides(inputs.query(), inputs.key(), inputs.value(), inputs.result());
        if (blocks(heads, q.size(2)) > 0) {
            context.kernels()
                    .attentionBackwardQueries(
                            inputs.query().dtype(),
                            inputs.query(),
                            inputs.key(),
                            inputs.value(),
                            m.chosen(),
                            m.added(),
                            m.stride(0),
                            m.stride(1),
                            m.stride(2),
                            m.stride(3),
                            numbers.key().seed(),
                            numbers.key().stream(),
                            advance.counter(numbers.key()),
                            advance,
                            numbers.threshold(),
                            numbers.scale(),
                            scale,
                            causal,
                            heads,
                            q.size(1),
                            shared,
                            q.size(2),
                            k.size(2),
                            q.size(3),
                            valueSize,
                            strides,
                            inputs.result(),
                            inputs.statistics(),
                            inputs.dResult(),
                            dQuery);
            context.run(blocks(heads, q.size(2)), 1);
        }
        if (heads > 0) {
            context.kernels()
                    .attentionBackwardKeys(
                            inputs.query().dtype(),
                            inputs.query(),
                            inputs.key(),
                            inputs.value(),
                            m.chosen(),
                            m.added(),
                            m.stride(0),
                            m.stride(1),
                            m.stride(2),
                            m.stride(3),
                            numbers.key().seed(),
                            numbers.key().stream(),
                            advance.counter(numbers.key()),
                            advance,
                            numbers.threshold(),
                            numbers.scale(),
                            scale,
                            causal,
                            heads,
                            q.size(1),
                            shared,
                            q.size(2),
                            k.size(2),
                            q.size(3),
                            valueSize,
                            strides,
                            inputs.result(),
                            inputs.statistics(),
                            inputs.dResult(),
                            dKey,
                            dValue);
            context.run(blocks(heads / shared, k.size(2)), 1);
        }
    }

    private static long blocks(long heads, int rows) {
        return heads * ((rows + ROWS - 1) / ROWS);
    }

    /** Dropout as the kernels take it: of threshold 0 nothing is dropped. */
    private record Numbers(RandomKey key, int threshold, double scale) {
        private static final Numbers NONE = new Numbers(new RandomKey(0, 0, 0), 0, 1);

        static Numbers of(Dropout dropout) {
            return dropout == null
                    ? NONE
                    : new Numbers(dropout.key(), (int) Math.ceil(dropout.rate() * NUMBERS), 1 / (1 - dropout.rate()));
        }
    }

    /** A mask as the kernels take it: one of truth values, or one of numbers. */
    private record Mask(Operand of) {
        Operand chosen() {
            return of != null && of.dtype() == DType.BOOL ? of : null;
        }

        Operand added() {
            return of != null && of.dtype() != DType.BOOL ? of : null;
        }

        long stride(int axis) {
            Layout layout = of == null ? null : of.layout();
            return layout == null ? 0 : layout.stride(axis);
        }
    }
}
