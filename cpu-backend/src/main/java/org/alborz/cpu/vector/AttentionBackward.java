package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.GemmKernel.COLUMNS;
import static org.alborz.cpu.vector.GemmKernel.ROWS;
import static org.alborz.cpu.vector.VectorAttention.KEYS;
import static org.alborz.cpu.vector.VectorAttention.QUERIES;

import java.util.Arrays;
import org.alborz.backend.Attention.Inputs;
import org.alborz.backend.Operand;

/**
 * Computes the gradients of attention: a task takes all heads that share keys through their blocks of queries, so that every sum is made by one
 * thread in one order.
 */
final class AttentionBackward {
    private final AttentionProblem p;
    private final WorkerPool workers;
    private final AttentionHeads result;
    private final FloatMemory statistics;
    private final AttentionHeads dResult;
    private final AttentionHeads dQuery;
    private final AttentionHeads dKey;
    private final AttentionHeads dValue;
    private final int e;
    private final int d;

    AttentionBackward(
            AttentionProblem p, WorkerPool workers, Inputs inputs, Operand dQuery, Operand dKey, Operand dValue) {
        this.p = p;
        this.workers = workers;
        result = AttentionHeads.of(inputs.result());
        statistics = FloatMemory.of(inputs.statistics());
        dResult = AttentionHeads.of(inputs.dResult());
        this.dQuery = AttentionHeads.of(dQuery);
        this.dKey = AttentionHeads.of(dKey);
        this.dValue = AttentionHeads.of(dValue);
        e = p.keySize;
        d = p.valueSize;
    }

    void run() {
        workers.run(
                Math.toIntExact((long) p.batch * p.groups),
                (group, worker) -> new Group(group, workers.workspace(worker)).run());
    }

    /** The heads that share keys: what is packed of them, and what is added up. */
    private final class Group {
        private final int group;
        private final Workspace memory;

        /** Room for rows of sums of gradients of queries and keys, and of values. */
        private final int eApart = Gemm.roundUp(e, COLUMNS);

        private final int dApart = Gemm.roundUp(d, COLUMNS);
        private final float[] zeros;

        /** Of a block of queries and keys, rows {@link VectorAttention#KEYS} apart; the second the weights after dropout. */
        private final float[] weights;

        private final float[] dropped;
        private final float[] slopes;
        private final float[] scaled;
        private final float[] inner;

        /** Right matrices: keys and values as columns, keys as rows; and of a block of queries these, scaled, and the gradients of their results. */
        private final float[] right;

        private final Panels keyColumns;
        private final Panels valueColumns;
        private final Panels keyRows;
        private final int queriesAt;
        private final int rightGradientsAt;

        /** Left matrices: queries and gradients of a block, and that of one product. */
        private final float[] left;

        private final int leftGradientsAt;
        private final int ownAt;

        private final float[] sums;
        private final int valueSumsAt;
        private final int querySumsAt;

        Group(int group, Workspace memory) {
            this.group = group;
            this.memory = memory;
            zeros = memory.zeros(Workspace.Use.START, COLUMNS);
            weights = memory.floats(Workspace.Use.FRAME, (long) QUERIES * KEYS);
            dropped = p.dropout == null ? weights : memory.floats(Workspace.Use.DROPPED, (long) QUERIES * KEYS);
            slopes = memory.floats(Workspace.Use.WEIGHTS, (long) QUERIES * KEYS);
            scaled = memory.floats(Workspace.Use.GRADIENT, (long) QUERIES * e);
            inner = memory.block(2, QUERIES);
            long keys = Gemm.packedSize(e, p.keys);
            long values = Gemm.packedSize(d, p.keys);
            long rows = Gemm.packedSize(p.keys, e);
            long queries = Gemm.packedSize(QUERIES, e);
            right = memory.floats(Workspace.Use.RIGHT, keys + values + rows + queries + Gemm.packedSize(QUERIES, d));
            keyColumns = Panels.columns(right, 0, e);
            valueColumns = Panels.columns(right, (int) keys, d);
            keyRows = Panels.columns(right, (int) (keys + values), p.keys);
            queriesAt = (int) (keys + values + rows);
            rightGradientsAt = (int) (keys + values + rows + queries);
            leftGradientsAt = Packing.rowPanel(QUERIES, e);
            ownAt = leftGradientsAt + Packing.rowPanel(QUERIES, d);
            left = memory.floats(
                    Workspace.Use.LEFT,
                    ownAt + Math.max(Packing.rowPanel(QUERIES, KEYS), Packing.rowPanel(KEYS, QUERIES)));
            long places = Gemm.roundUp(p.keys, ROWS);
            sums = memory.floats(Workspace.Use.PARTIAL, places * (eApart + dApart) + (long) QUERIES * eApart);
            valueSumsAt = (int) (places * eApart);
            querySumsAt = valueSumsAt + (int) (places * dApart);
        }

        void run() {
            Packing.columns(p.key.columns(group, p.keys, e), 0, 0, 0, p.keys, e, right, 0);
            Packing.columns(p.value.columns(group, p.keys, d), 0, 0, 0, p.keys, d, right, valueColumns.at());
            Packing.columns(p.key.rows(group, 0, p.keys, e), 0, 0, 0, e, p.keys, right, keyRows.at());
            Arrays.fill(sums, 0, querySumsAt, 0);
            int shared = p.heads / p.groups;
            // The last queries come first, as those before them see fewer keys.
            for (int first = Gemm.roundUp(p.queries, QUERIES) - QUERIES; first >= 0; first -= QUERIES) {
                int count = Math.min(QUERIES, p.queries - first);
                keyRows.end(e, p.visible(first + count - 1));
                for (int head = group * shared; head < (group + 1) * shared; head++) {
                    block(head, first, count);
                }
            }
            dKey.write(1, sums, 0, eApart, group, 0, p.keys, e);
            dValue.write(1, sums, valueSumsAt, dApart, group, 0, p.keys, d);
        }

        private void block(int head, int first, int count) {
            p.scaled(head, first, count, scaled);
            Matrix queries = new Matrix(scaled, 0, count, e, e, 1);
            Packing.rows(queries, 0, 0, 0, count, e, left, 0);
            Packing.columns(queries, 0, 0, 0, e, count, right, queriesAt);
            Matrix gradients = dResult.rows(head, first, count, d);
            Packing.rows(gradients, 0, 0, 0, count, d, left, leftGradientsAt);
            Packing.columns(gradients, 0, 0, 0, d, count, right, rightGradientsAt);
            for (int row = 0; row < count; row++) {
                inner[row] = AttentionRows.inner(
                        dResult.array(),
                        dResult.at(head, first + row),
                        result.array(),
                        result.at(head, first + row),
                        d);
            }
            int visible = p.visible(first + count - 1);
            Arrays.fill(sums, querySumsAt, querySumsAt + QUERIES * eApart, 0);
            for (int from = 0; from < visible; from += KEYS) {
                block(head, first, count, from, Math.min(KEYS, visible - from));
            }
            dQuery.write(p.scale, sums, querySumsAt, eApart, head, first, count, e);
        }

        private void block(int head, int first, int count, int from, int width) {
            Panels queries = Panels.rows(left, 0, e);
            Matrix products = new Matrix(weights, 0, count, width, KEYS, 1);
            BlockedProduct.panels(queries, keyColumns.from(from), zeros, false, products);
            for (int row = 0; row < count; row++) {
                weigh(head, first + row, from, width, row * KEYS);
            }
            Matrix ofScores = new Matrix(slopes, 0, count, width, KEYS, 1);
            add(
                    new Matrix(dropped, 0, width, count, 1, KEYS),
                    Panels.columns(right, rightGradientsAt, count),
                    new Matrix(sums, valueSumsAt + from * dApart, width, d, dApart, 1));
            Panels gradients = Panels.rows(left, leftGradientsAt, d);
            BlockedProduct.panels(gradients, valueColumns.from(from), zeros, false, ofScores);
            for (int row = 0; row < count; row++) {
                int at = row * KEYS;
                if (p.dropout == null) {
                    AttentionRows.ofScores(weights, at, inner[row], slopes, at, width);
                } else {
                    AttentionRows.ofScores(weights, dropped, at, inner[row], slopes, at, width);
                }
            }
            add(ofScores, keyRows.fromTerm(from), new Matrix(sums, querySumsAt, count, e, eApart, 1));
            // The queries are scaled already.
            add(
                    new Matrix(slopes, 0, width, count, 1, KEYS),
                    Panels.columns(right, queriesAt, count),
                    new Matrix(sums, from * eApart, width, e, eApart, 1));
        }

        /** Computes the weights of a query again, of its products with some keys. */
        private void weigh(int head, int place, int from, int width, int at) {
            int marksAt = statistics.at() + (head * p.queries + place) * 2;
            float sum = statistics.array()[marksAt + 1];
            int seen = p.seen(place, from, width);
            Arrays.fill(weights, at + seen, at + width, 0);
            p.mask(head, place, from, seen, weights, at);
            AttentionRows.exponentials(statistics.array()[marksAt], weights, at, seen);
            SoftmaxRows.scale(sum == 0 ? 0 : 1 / sum, 0, weights, at, seen);
            p.drop(memory, head, place, from, weights, at, dropped, at, width);
        }

        /** Adds the product of a matrix, which is packed here, and packed columns. */
        private void add(Matrix a, Panels columns, Matrix to) {
            Packing.rows(a, 0, 0, 0, a.rows(), a.columns(), left, ownAt);
            BlockedProduct.panels(Panels.rows(left, ownAt, a.columns()), columns, zeros, true, to);
        }
    }
}
