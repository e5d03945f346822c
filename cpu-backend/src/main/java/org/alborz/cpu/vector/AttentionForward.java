package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.GemmKernel.COLUMNS;
import static org.alborz.cpu.vector.VectorAttention.KEYS;
import static org.alborz.cpu.vector.VectorAttention.QUERIES;

import java.util.Arrays;
import org.alborz.backend.Operand;

/** Computes attention: a task packs the keys and values of a head and takes blocks of its queries through them. */
final class AttentionForward {
    private final AttentionProblem p;
    private final WorkerPool workers;
    private final AttentionHeads result;
    private final FloatMemory statistics;
    private final int blocks;
    private final int parts;

    AttentionForward(AttentionProblem p, WorkerPool workers, Operand result, Operand statistics) {
        this.p = p;
        this.workers = workers;
        this.result = AttentionHeads.of(result);
        this.statistics = FloatMemory.of(statistics);
        blocks = Gemm.ceilDiv(p.queries, QUERIES);
        // The queries of a head are divided where there are few heads, though each part packs the keys.
        parts = Math.min(
                blocks, Gemm.ceilDiv(VectorAttention.TASKS * workers.threads(), Math.max(1, p.batch * p.heads)));
    }

    void run() {
        workers.run(Math.toIntExact((long) p.batch * p.heads * parts), (task, worker) -> {
            run(task / parts, task % parts, workers.workspace(worker));
        });
    }

    /** Computes every {@link #parts}th block of a head, from the last one on, as those before it see fewer keys. */
    private void run(int head, int part, Workspace memory) {
        int last = blocks - 1 - (blocks - 1 - part) % parts;
        Part some = new Part(head, p.visible(Math.min(p.queries, (last + 1) * QUERIES) - 1), memory);
        for (int block = last; block >= 0; block -= parts) {
            some.block(block * QUERIES);
        }
    }

    /** Some blocks of a head, and what is packed for all of them. */
    private final class Part {
        private final int head;
        private final Workspace memory;
        private final Panels keys;
        private final Panels values;
        private final float[] zeros;

        /** Products of a block of queries and keys, and then weights, in rows {@link VectorAttention#KEYS} apart. */
        private final float[] scores;

        /** The results of a block so far, not divided by the sums of weights. */
        private final float[] sum;

        private final int apart = Gemm.roundUp(p.valueSize, COLUMNS);
        private final float[] scaled;

        /** Left matrices: queries of a block, and weights. */
        private final float[] left;

        private final int weightsAt = Packing.rowPanel(QUERIES, p.keySize);

        /** Packs as many keys and values, from the first. */
        Part(int head, int most, Workspace memory) {
            this.head = head;
            this.memory = memory;
            int e = p.keySize;
            int d = p.valueSize;
            long valuesAt = Gemm.packedSize(e, most);
            float[] right = memory.floats(Workspace.Use.RIGHT, valuesAt + Gemm.packedSize(most, d));
            Packing.columns(p.key.columns(p.group(head), most, e), 0, 0, 0, most, e, right, 0);
            Packing.columns(p.value.rows(p.group(head), 0, most, d), 0, 0, 0, d, most, right, (int) valuesAt);
            keys = Panels.columns(right, 0, e);
            values = Panels.columns(right, (int) valuesAt, most);
            zeros = memory.zeros(Workspace.Use.START, COLUMNS);
            scores = memory.floats(Workspace.Use.FRAME, (long) QUERIES * KEYS);
            sum = memory.floats(Workspace.Use.PARTIAL, (long) QUERIES * apart);
            scaled = memory.floats(Workspace.Use.GRADIENT, (long) QUERIES * e);
            left = memory.floats(Workspace.Use.LEFT, weightsAt + Packing.rowPanel(QUERIES, KEYS));
        }

        void block(int first) {
            int count = Math.min(QUERIES, p.queries - first);
            int e = p.keySize;
            int d = p.valueSize;
            p.scaled(head, first, count, scaled);
            Packing.rows(new Matrix(scaled, 0, count, e, e, 1), 0, 0, 0, count, e, left, 0);
            float[] marks = statistics.array();
            for (int row = 0; row < count; row++) {
                marks[marksAt(first + row)] = Float.NEGATIVE_INFINITY;
                marks[marksAt(first + row) + 1] = 0;
            }
            Matrix results = new Matrix(sum, 0, count, d, apart, 1);
            int visible = p.visible(first + count - 1);
            values.end(d, visible);
            for (int from = 0; from < visible; from += KEYS) {
                int width = Math.min(KEYS, visible - from);
                Matrix products = new Matrix(scores, 0, count, width, KEYS, 1);
                BlockedProduct.panels(Panels.rows(left, 0, e), keys.from(from), zeros, false, products);
                for (int row = 0; row < count; row++) {
                    weigh(first, row, from, width);
                }
                Packing.rows(products, 0, 0, 0, count, width, left, weightsAt);
                Panels weights = Panels.rows(left, weightsAt, width);
                BlockedProduct.panels(weights, values.fromTerm(from), zeros, from > 0, results);
            }
            for (int row = 0; row < count; row++) {
                float total = marks[marksAt(first + row) + 1];
                int at = result.at(head, first + row);
                if (total == 0) {
                    Arrays.fill(result.array(), at, at + d, 0);
                } else {
                    SoftmaxRows.scale(1 / total, 0, sum, row * apart, d);
                    System.arraycopy(sum, row * apart, result.array(), at, d);
                }
            }
        }

        /** Makes weights of a query's products with some keys, updates its statistics, and scales its sum so far. */
        private void weigh(int first, int row, int from, int width) {
            float[] marks = statistics.array();
            int place = first + row;
            int marksAt = marksAt(place);
            int at = row * KEYS;
            int seen = p.seen(place, from, width);
            Arrays.fill(scores, at + seen, at + width, 0);
            if (seen == 0) {
                return;
            }
            p.mask(head, place, from, seen, scores, at);
            float before = marks[marksAt];
            float largest = Math.max(before, SoftmaxRows.largest(scores, at, seen));
            AttentionRows.exponentials(largest, scores, at, seen);
            double more = SoftmaxRows.sum(scores, at, seen, memory.block(3));
            // Of no key yet the sum and the result are 0.
            float kept =
                    before == largest ? 1 : before == Float.NEGATIVE_INFINITY ? 0 : Exponential.exp(before - largest);
            p.drop(memory, head, place, from, scores, at, scores, at, width);
            marks[marksAt] = largest;
            marks[marksAt + 1] = (float) (marks[marksAt + 1] * kept + more);
            if (kept != 1 && from > 0) {
                SoftmaxRows.scale(kept, 0, sum, row * apart, p.valueSize);
            }
        }

        /** Returns where the statistics of a query are. */
        private int marksAt(int place) {
            return statistics.at() + (head * p.queries + place) * 2;
        }
    }
}
