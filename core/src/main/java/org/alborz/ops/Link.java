package org.alborz.ops;

import java.util.Arrays;
import org.alborz.tensor.Deferred;
import org.alborz.tensor.Tensor;
import org.alborz.tensor.TensorAccess;

/** An operation that {@link Lookahead} defers, with what it reads and makes; used again for the next one, so that a step makes no objects. */
final class Link {
    /** The most results of an operation that is deferred. */
    private static final int MOST = 3;

    private final Lookahead lookahead;
    private final Result[] results = new Result[MOST];
    private Tensor[] inputs = new Tensor[MOST];
    private Op op;
    private int count;
    private int resultCount;
    private int reading;
    private String layer;

    /** A result, of which somebody may have handles. */
    private final class Result implements Deferred {
        private Tensor tensor;
        private boolean isOpen;

        /** A handle while it is computed, null where nobody has one any more. */
        private Tensor handle;

        @Override
        public void compute() {
            lookahead.settle();
            if (TensorAccess.deferredBy(tensor) == this) {
                throw new IllegalStateException(
                        op.name() + " was deferred, and could not be computed when its result was needed; see "
                                + "the first error");
            }
        }

        @Override
        public void abandon() {
            isOpen = false;
            lookahead.abandon();
        }

        void reopen() {
            if (isOpen && handle == null) {
                handle = tensor.isClosed() ? TensorAccess.reopened(tensor) : tensor;
            }
        }

        void release() {
            if (handle != null && handle != tensor) {
                handle.close();
            }
            handle = null;
        }

        /** Tells whether its values are there, or nobody will ask for them. */
        boolean isDone() {
            return !isOpen || TensorAccess.deferredBy(tensor) != this;
        }
    }

    Link(Lookahead lookahead) {
        this.lookahead = lookahead;
        for (int i = 0; i < MOST; i++) {
            results[i] = new Result();
        }
    }

    /**
     * Takes a call, which has declared its results.
     *
     * @param reads the input that is the result of the link before, or -1
     * @param of the path of the layer that it is applied for; null where no listener asks
     */
    void take(Call call, int reads, String of) {
        layer = of;
        op = call.op();
        reading = reads;
        count = call.count();
        if (inputs.length < count) {
            inputs = new Tensor[count];
        }
        for (int i = 0; i < count; i++) {
            if (i != reading && call.input(i) != null) {
                call.input(i).buffer(); // refuses a closed one before anything is kept open
            }
        }
        for (int i = 0; i < count; i++) {
            Tensor input = i == reading ? null : call.input(i);
            inputs[i] = input == null ? null : TensorAccess.retained(input, TensorAccess.node(input));
        }
        resultCount = call.resultCount();
        for (int i = 0; i < resultCount; i++) {
            results[i].isOpen = true;
            results[i].tensor = call.deferred(i, results[i]);
        }
    }

    Op op() {
        return op;
    }

    String layer() {
        return layer;
    }

    int reading() {
        return reading;
    }

    /** Returns an input, or null where it is left out or the result of the link before. */
    Tensor input(int i) {
        return i < count ? inputs[i] : null;
    }

    /** Returns the first result as it was given away. */
    Tensor result() {
        return results[0].tensor;
    }

    /** Returns a result as it was given away; null where there are not so many. */
    Tensor result(int i) {
        return i < resultCount ? results[i].tensor : null;
    }

    /** Returns a handle of a result while it is computed, or null where nobody has one. */
    Tensor handle(int i) {
        return i < resultCount ? results[i].handle : null;
    }

    /** Tells whether a tensor is the first result. */
    boolean makes(Tensor tensor) {
        return TensorAccess.deferredBy(tensor) == results[0];
    }

    /** Tells whether two tensors are the statistics of a batch, the second and third result. */
    boolean makes(Tensor mean, Tensor variance) {
        return resultCount > BatchNormOp.VARIANCE
                && mean != null
                && variance != null
                && TensorAccess.deferredBy(mean) == results[BatchNormOp.MEAN]
                && TensorAccess.deferredBy(variance) == results[BatchNormOp.VARIANCE];
    }

    /** Keeps the statistics until they are computed. */
    void keepStatistics() {
        for (int i = BatchNormOp.MEAN; i <= BatchNormOp.VARIANCE; i++) {
            results[i].handle = TensorAccess.reopened(results[i].tensor);
        }
    }

    boolean isOpen() {
        boolean isOpen = false;
        for (int i = 0; i < resultCount; i++) {
            isOpen |= results[i].isOpen;
        }
        return isOpen;
    }

    /** Gets a handle of each result where somebody has one. */
    void reopen() {
        for (int i = 0; i < resultCount; i++) {
            results[i].reopen();
        }
    }

    /** Computes the results by this operation alone, of the result before it. */
    Tensor compute(Tensor before) {
        if (op instanceof BatchNormOp) {
            return Engine.fulfilAll(handle(0), handle(1), handle(2), op, inputs[0], inputs[1], inputs[2], null);
        }
        Tensor[] given = Arrays.copyOf(inputs, count);
        if (reading >= 0) {
            given[reading] = before;
        }
        if (handle(0) == null) {
            return Engine.apply(op, given);
        }
        Engine.fulfil(handle(0), op, given);
        return handle(0);
    }

    /** Releases what is read and made; tells whether the link can be used again, as no result is still to be computed. */
    boolean release() {
        boolean isDone = true;
        for (int i = 0; i < count; i++) {
            if (inputs[i] != null) {
                inputs[i].close();
                inputs[i] = null;
            }
        }
        for (int i = 0; i < resultCount; i++) {
            results[i].release();
            isDone &= results[i].isDone();
        }
        return isDone;
    }
}
