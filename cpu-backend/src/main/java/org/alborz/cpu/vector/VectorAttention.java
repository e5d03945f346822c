package org.alborz.cpu.vector;

import java.util.Arrays;
import org.alborz.backend.Attention;
import org.alborz.backend.Operand;
import org.alborz.cpu.memory.CpuBuffer;
import org.alborz.type.AttentionParameters;
import org.alborz.type.DType;
import org.alborz.type.Shape;

/**
 * Attention of float32 by blocks of queries and keys: forward each block of queries of each head is a task, backward all heads that share keys
 * are, so that every sum is made by one thread in one order. The products are those of {@link Gemm}.
 */
final class VectorAttention implements Attention {
    /** Queries and keys of a block: their products, 64 KiB, stay in the second cache. */
    private static final int QUERIES = 64;

    private static final int KEYS = 256;

    private final WorkerPool workers;
    private final Gemm[] products;

    VectorAttention(WorkerPool workers) {
        this.workers = workers;
        products = new Gemm[workers.threads()];
        for (int i = 0; i < products.length; i++) {
            products[i] = new Gemm(workers, workers.workspace(i));
        }
    }

    @Override
    public boolean takes(DType dtype, int keySize, int valueSize) {
        return dtype == DType.FLOAT32;
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
        Problem p = new Problem(parameters, AttentionDropout.of(dropout), query, key, value, mask);
        int blocks = Gemm.ceilDiv(p.queries, QUERIES);
        int tasks = Math.toIntExact((long) p.batch * p.heads * blocks);
        float[] y = Floats.of(result);
        float[] marks = Floats.of(statistics);
        workers.run(
                tasks,
                (task, worker) -> forward(
                        p,
                        worker,
                        task / blocks,
                        task % blocks * QUERIES,
                        y,
                        Floats.at(result),
                        marks,
                        Floats.at(statistics)));
    }

    /** Computes a block of queries of a head, which is numbered through the batch. */
    private void forward(Problem p, int worker, int head, int first, float[] y, int yAt, float[] marks, int start) {
        Workspace memory = workers.workspace(worker);
        int count = Math.min(QUERIES, p.queries - first);
        int d = p.valueSize;
        float[] scores = memory.floats(Workspace.Use.FRAME, (long) QUERIES * KEYS);
        float[] part = memory.floats(Workspace.Use.GRADIENT, (long) QUERIES * Math.max(d, 1));
        float[] scaled = p.scaled(memory, head, first, count);
        float[] sums = memory.block(3);
        int marksAt = start + (head * p.queries + first) * 2;
        int at = yAt + (head * p.queries + first) * d;
        for (int row = 0; row < count; row++) {
            marks[marksAt + 2 * row] = Float.NEGATIVE_INFINITY;
            marks[marksAt + 2 * row + 1] = 0;
        }
        Arrays.fill(y, at, at + count * d, 0);
        int visible = p.visible(first + count - 1);
        for (int from = 0; from < visible; from += KEYS) {
            int width = Math.min(KEYS, visible - from);
            p.scores(products[worker], worker, scaled, head, first, count, from, width, scores);
            for (int row = 0; row < count; row++) {
                int rowAt = row * width;
                float before = marks[marksAt + 2 * row];
                float largest = Math.max(before, SoftmaxRows.largest(scores, rowAt, width));
                AttentionRows.exponentials(largest, scores, rowAt, width);
                double sum = SoftmaxRows.sum(scores, rowAt, width, sums);
                // Of no key yet the sum and the result are 0.
                float kept = before == largest
                        ? 1
                        : before == Float.NEGATIVE_INFINITY ? 0 : Exponential.exp(before - largest);
                p.drop(memory, head, first + row, from, scores, rowAt, scores, rowAt, width);
                marks[marksAt + 2 * row] = largest;
                marks[marksAt + 2 * row + 1] = (float) (marks[marksAt + 2 * row + 1] * kept + sum);
                if (kept != 1) {
                    SoftmaxRows.scale(kept, 0, y, at + row * d, d);
                }
            }
            if (d > 0) {
                p.multiply(
                        products[worker],
                        worker,
                        new Matrix(scores, 0, count, width, width, 1),
                        p.values(head, from, width),
                        part,
                        d);
                LstmRows.add(part, 0, y, at, y, at, count * d);
            }
        }
        for (int row = 0; row < count; row++) {
            float sum = marks[marksAt + 2 * row + 1];
            if (sum != 0) {
                SoftmaxRows.scale(1 / sum, 0, y, at + row * d, d);
            }
        }
    }

    @Override
    public void backward(
            AttentionParameters parameters,
            Dropout dropout,
            Inputs inputs,
            Operand dQuery,
            Operand dKey,
            Operand dValue) {
        Problem p = new Problem(
                parameters, AttentionDropout.of(dropout), inputs.query(), inputs.key(), inputs.value(), inputs.mask());
        Gradients arrays = new Gradients(
                Floats.of(inputs.result()),
                Floats.of(inputs.statistics()),
                Floats.of(inputs.dResult()),
                Floats.of(dQuery),
                Floats.of(dKey),
                Floats.of(dValue));
        int at = Floats.at(dQuery);
        int keysAt = Floats.at(dKey);
        int valuesAt = Floats.at(dValue);
        workers.run(
                Math.toIntExact((long) p.batch * p.groups),
                (group, worker) -> backward(
                        p,
                        worker,
                        group,
                        inputs,
                        arrays,
                        at,
                        keysAt + group * p.keys * p.keySize,
                        valuesAt + group * p.keys * p.valueSize));
    }

    /** The memory that the gradients are computed from and into; fetched by the thread that owns the session. */
    private record Gradients(float[] y, float[] marks, float[] dy, float[] dq, float[] dk, float[] dv) {}

    /** Computes the gradients of the keys and values of a group, numbered through the batch, and of all queries that share them. */
    private void backward(
            Problem p,
            int worker,
            int group,
            Inputs inputs,
            Gradients arrays,
            int queriesAt,
            int keysAt,
            int valuesAt) {
        Workspace memory = workers.workspace(worker);
        int e = p.keySize;
        int d = p.valueSize;
        int shared = p.heads / p.groups;
        float[] dq = arrays.dq();
        float[] dk = arrays.dk();
        float[] dv = arrays.dv();
        float[] dy = arrays.dy();
        float[] y = arrays.y();
        float[] marks = arrays.marks();
        Arrays.fill(dk, keysAt, keysAt + p.keys * e, 0);
        Arrays.fill(dv, valuesAt, valuesAt + p.keys * d, 0);
        float[] weights = memory.floats(Workspace.Use.FRAME, (long) QUERIES * KEYS);
        float[] slopes = memory.floats(Workspace.Use.WEIGHTS, (long) QUERIES * KEYS);
        float[] left = p.dropout == null ? weights : memory.floats(Workspace.Use.DROPPED, (long) QUERIES * KEYS);
        float[] part = memory.floats(Workspace.Use.GRADIENT, (long) KEYS * Math.max(d, e));
        float[] inner = memory.block(2, QUERIES);
        for (int head = group * shared; head < (group + 1) * shared; head++) {
            for (int first = 0; first < p.queries; first += QUERIES) {
                int count = Math.min(QUERIES, p.queries - first);
                int row0 = head * p.queries + first;
                int dyAt = Floats.at(inputs.dResult()) + row0 * d;
                int queryAt = queriesAt + row0 * e;
                int marksAt = Floats.at(inputs.statistics()) + row0 * 2;
                float[] scaled = p.scaled(memory, head, first, count);
                Arrays.fill(dq, queryAt, queryAt + count * e, 0);
                for (int row = 0; row < count; row++) {
                    inner[row] = AttentionRows.inner(
                            dy, dyAt + row * d, y, Floats.at(inputs.result()) + (row0 + row) * d, d);
                }
                Matrix slope = new Matrix(dy, dyAt, count, d, d, 1);
                int visible = p.visible(first + count - 1);
                for (int from = 0; from < visible; from += KEYS) {
                    int width = Math.min(KEYS, visible - from);
                    p.scores(products[worker], worker, scaled, head, first, count, from, width, weights);
                    for (int row = 0; row < count; row++) {
                        float sum = marks[marksAt + 2 * row + 1];
                        AttentionRows.exponentials(marks[marksAt + 2 * row], weights, row * width, width);
                        SoftmaxRows.scale(sum == 0 ? 0 : 1 / sum, 0, weights, row * width, width);
                        p.drop(memory, head, first + row, from, weights, row * width, left, row * width, width);
                    }
                    if (d > 0) {
                        Matrix transposed = new Matrix(left, 0, width, count, 1, width);
                        p.multiply(products[worker], worker, transposed, slope, part, d);
                        LstmRows.add(part, 0, dv, valuesAt + from * d, dv, valuesAt + from * d, width * d);
                    }
                    Matrix v = p.values(head, from, width);
                    Matrix columns = new Matrix(v.array(), v.at(), d, width, 1, d);
                    p.multiply(products[worker], worker, slope, columns, slopes, width);
                    for (int row = 0; row < count; row++) {
                        if (p.dropout == null) {
                            AttentionRows.ofScores(weights, row * width, inner[row], slopes, row * width, width);
                        } else {
                            AttentionRows.ofScores(weights, left, row * width, inner[row], slopes, row * width, width);
                        }
                    }
                    Matrix ofScores = new Matrix(slopes, 0, count, width, width, 1);
                    p.multiply(products[worker], worker, ofScores, p.keys(head, from, width), part, e);
                    LstmRows.add(part, 0, dq, queryAt, dq, queryAt, count * e);
                    Matrix ofKeys = new Matrix(slopes, 0, width, count, 1, width);
                    // The queries are scaled already.
                    p.multiply(products[worker], worker, ofKeys, new Matrix(scaled, 0, count, e, e, 1), part, e);
                    LstmRows.add(part, 0, dk, keysAt + from * e, dk, keysAt + from * e, width * e);
                }
                SoftmaxRows.scale(p.scale, 0, dq, queryAt, count * e);
            }
        }
    }

    /** The sizes of one attention, and where its operands are. */
    private static final class Problem {
        final int batch;
        final int heads;
        final int groups;
        final int queries;
        final int keys;
        final int keySize;
        final int valueSize;
        final float scale;
        final AttentionDropout dropout;
        private final boolean causal;
        private final float[] q;
        private final float[] k;
        private final float[] v;
        private final int qAt;
        private final int kAt;
        private final int vAt;
        private final Operand mask;
        private final CpuBuffer maskValues;

        Problem(
                AttentionParameters parameters,
                AttentionDropout dropout,
                Operand query,
                Operand key,
                Operand value,
                Operand mask) {
            this.dropout = dropout;
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
            q = Floats.of(query);
            k = Floats.of(key);
            v = Floats.of(value);
            qAt = Floats.at(query);
            kAt = Floats.at(key);
            vAt = Floats.at(value);
            this.mask = mask;
            maskValues = mask == null ? null : CpuBuffer.of(mask);
        }

        /** Returns how many keys, from the first, a query may attend to. */
        int visible(int query) {
            return causal ? Math.max(0, Math.min(keys, query + keys - queries + 1)) : keys;
        }

        /** Returns queries of a head times the scale, row-major. */
        float[] scaled(Workspace memory, int head, int first, int count) {
            float[] scaled = memory.floats(Workspace.Use.PARTIAL, (long) QUERIES * keySize);
            System.arraycopy(q, qAt + (head * queries + first) * keySize, scaled, 0, count * keySize);
            SoftmaxRows.scale(scale, 0, scaled, 0, count * keySize);
            return scaled;
        }

        private int group(int head) {
            return head / (heads / groups);
        }

        Matrix keys(int head, int from, int width) {
            return new Matrix(k, kAt + (group(head) * keys + from) * keySize, width, keySize, keySize, 1);
        }

        Matrix values(int head, int from, int width) {
            return new Matrix(v, vAt + (group(head) * keys + from) * valueSize, width, valueSize, valueSize, 1);
        }

        /** Multiplies matrices as one worker. */
        void multiply(Gemm gemm, int worker, Matrix a, Matrix b, float[] into, int step) {
            gemm.multiply(
                    (tasks, work) -> Gemm.serially(worker, tasks, work),
                    a,
                    b,
                    null,
                    0,
                    Float.NEGATIVE_INFINITY,
                    into,
                    0,
                    step);
        }

        /** Computes the masked products of a block of queries and keys, row-major; −∞ where a query does not attend. */
        void scores(
                Gemm gemm,
                int worker,
                float[] scaled,
                int head,
                int first,
                int count,
                int from,
                int width,
                float[] into) {
            Matrix queryRows = new Matrix(scaled, 0, count, keySize, keySize, 1);
            Matrix keyRows = keys(head, from, width);
            Matrix columns = new Matrix(keyRows.array(), keyRows.at(), keySize, width, 1, keySize);
            multiply(gemm, worker, queryRows, columns, into, width);
            for (int row = 0; row < count; row++) {
                int seen = visible(first + row) - from;
                if (seen < width) {
                    Arrays.fill(into, row * width + Math.max(0, seen), (row + 1) * width, Float.NEGATIVE_INFINITY);
                }
                if (mask != null) {
                    mask(head, first + row, from, width, into, row * width);
                }
            }
        }

        /** Drops weights of a query, of the keys from one on; without dropout x stays as it is, and y is the same. */
        void drop(Workspace memory, int head, int query, int from, float[] x, int xAt, float[] y, int yAt, int width) {
            if (dropout != null) {
                long row = (long) head * queries + query;
                dropout.apply(memory, row * keys + from, visible(query) - from, x, xAt, y, yAt, width);
            }
        }

        private void mask(int head, int query, int from, int width, float[] into, int at) {
            long start = mask.layout().offset()
                    + head / heads * mask.layout().stride(0)
                    + head % heads * mask.layout().stride(1)
                    + query * mask.layout().stride(2)
                    + from * mask.layout().stride(3);
            int step = (int) mask.layout().stride(3);
            boolean chooses = maskValues.dtype() == DType.BOOL;
            for (int i = 0; i < width; i++) {
                double value = maskValues.get((int) start + i * step);
                if (!chooses) {
                    into[at + i] += (float) value;
                } else if (value == 0) {
                    into[at + i] = Float.NEGATIVE_INFINITY;
                }
            }
        }
    }
}
