package org.alborz.cpu.vector;

import org.alborz.backend.Attention;
import org.alborz.backend.Operand;
import org.alborz.type.AttentionParameters;
import org.alborz.type.DType;

/**
 * Attention of float32 by blocks of queries and keys, whose operands are read and written in place. A task takes a head forward, or some of its
 * blocks of queries, and backward all heads that share keys. It packs keys and values once, and its sums go on from block to block in one chain.
 *
 * <p>Scratch memory of a worker is linear in the number S of keys: about S·(E + D) floats forward and S·(3E + 2D) backward, which is 168 MB where S is 65,536
 * and E and D are 128. It is beside the buffers that {@code session.memory()} counts, and stays with the worker.
 */
final class VectorAttention implements Attention {
    /** Queries and keys of a block, multiples of the rows and columns of a block of products: they take 36 to 64 KiB, which the second cache holds. */
    static final int QUERIES = 8 * GemmKernel.ROWS;

    static final int KEYS = 32 * GemmKernel.ROWS;

    /** Tasks for each thread, at least, where there are as many blocks of queries. */
    static final int TASKS = 4;

    private final WorkerPool workers;

    VectorAttention(WorkerPool workers) {
        this.workers = workers;
    }

    @Override
    public boolean takes(DType dtype, int keySize, int valueSize) {
        return dtype == DType.FLOAT32;
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
        AttentionProblem p = new AttentionProblem(parameters, dropout, query, key, value, mask);
        new AttentionForward(p, workers, result, statistics).run();
    }

    @Override
    public void backward(
            AttentionParameters parameters,
            Dropout dropout,
            Inputs inputs,
            Operand dQuery,
            Operand dKey,
            Operand dValue) {
        AttentionProblem p =
                new AttentionProblem(parameters, dropout, inputs.query(), inputs.key(), inputs.value(), inputs.mask());
        new AttentionBackward(p, workers, inputs, dQuery, dKey, dValue).run();
    }
}
