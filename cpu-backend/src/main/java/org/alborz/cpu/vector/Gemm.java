package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.PackedTile.COLUMNS;
import static org.alborz.cpu.vector.PackedTile.ROWS;

import java.util.Arrays;

/**
 * The blocked matrix product {@code c = max(floor, start + a·b)} after Goto and van de Geijn 2008.
 *
 * <p>For a slice of the inner axis, panels of ROWS rows of a and COLUMNS columns of b are packed so that the micro-kernel reads them
 * in order, whatever their strides were; then blocks of c, small enough for their share of a to stay in the first caches, are
 * computed. The inner axis is always walked in the same order, so results do not depend on who computes which block.
 */
final class Gemm {
    /** Rows, inner terms and columns packed at a time; bounds the scratch memory to 2 MiB a matrix. */
    private static final int MAX_ROWS = 2048;

    private static final int MAX_TERMS = 256;
    private static final int MAX_COLUMNS = 2048;

    /** Rows and columns of a task: a's share (64 KiB) and b's panels come from the second cache, one panel of b from the first. */
    private static final int TASK_ROWS = 8 * ROWS;

    private static final int TASK_COLUMNS = 8 * COLUMNS;

    /** How the tasks of one product are carried out. */
    interface Runner {
        void run(int tasks, ThreadTeam.Body body);
    }

    /** Runs tasks one after the other as one member of the team, for a product that is itself a task. */
    static void serially(int member, int tasks, ThreadTeam.Body body) {
        for (int task = 0; task < tasks; task++) {
            body.run(task, member);
        }
    }

    private final Workplace workplace;
    private final Scratch packing;

    /**
     * Prepares products whose packed matrices lie in the given memory.
     *
     * @param packing not in use by anybody else during a product
     */
    Gemm(Workplace workplace, Scratch packing) {
        this.workplace = workplace;
        this.packing = packing;
    }

    /**
     * Multiplies.
     *
     * @param bias one number for each column, or null
     * @param c row-major, {@code cStep} from one row to the next
     */
    void multiply(
            Runner runner, Matrix a, Matrix b, float[] bias, int biasAt, float floor, float[] c, int cAt, int cStep) {
        if (RowProduct.fits(a, b)) {
            RowProduct.multiply(runner, a, b, bias, biasAt, floor, c, cAt, cStep);
            return;
        }
        int m = a.rows();
        int n = b.columns();
        int k = a.columns();
        // start[0..columns): the bias, or zeros, up to whole panels.
        float[] start = packing.zeros(Scratch.Use.START, roundUp(n, COLUMNS));
        if (bias != null) {
            System.arraycopy(bias, biasAt, start, 0, n);
        }
        for (int j = 0; j < n; j += MAX_COLUMNS) {
            int columns = Math.min(MAX_COLUMNS, n - j);
            for (int i = 0; i < m; i += MAX_ROWS) {
                int rows = Math.min(MAX_ROWS, m - i);
                int p = 0;
                do {
                    int terms = Math.min(MAX_TERMS, k - p);
                    float sliceFloor = p + terms == k ? floor : Float.NEGATIVE_INFINITY;
                    Slice slice = new Slice(i, j, p, rows, columns, terms, sliceFloor);
                    multiplySlice(runner, slice, a, b, start, c, cAt, cStep);
                    p += terms;
                } while (p < k);
            }
        }
    }

    /** A part of the product: rows from i, columns from j, terms from p. */
    private record Slice(int i, int j, int p, int rows, int columns, int terms, float floor) {}

    private void multiplySlice(
            Runner runner, Slice s, Matrix a, Matrix b, float[] start, float[] c, int cAt, int cStep) {
        int rowPanels = ceilDiv(s.rows, ROWS);
        int columnPanels = ceilDiv(s.columns, COLUMNS);
        float[] left = packing.floats(Scratch.Use.LEFT, (long) rowPanels * ROWS * s.terms);
        float[] right = packing.floats(Scratch.Use.RIGHT, (long) columnPanels * COLUMNS * s.terms);
        int rowTasks = ceilDiv(s.rows, TASK_ROWS);
        int columnTasks = ceilDiv(s.columns, TASK_COLUMNS);
        runner.run(rowTasks + columnTasks, (task, member) -> {
            if (task < rowTasks) {
                Packing.rows(a, s.i, s.p, s.rows, s.terms, task * TASK_ROWS, left);
            } else {
                Packing.columns(b, s.p, s.j, s.terms, s.columns, (task - rowTasks) * TASK_COLUMNS, right);
            }
        });
        runner.run(rowTasks * columnTasks, (task, member) -> {
            int i = task / columnTasks * TASK_ROWS;
            int j = task % columnTasks * TASK_COLUMNS;
            float[] block = workplace.scratch(member).floats(Scratch.Use.BLOCK, ROWS * COLUMNS);
            computeBlock(s, i, j, left, right, start, c, cAt, cStep, block);
        });
    }

    /** Computes the task's block, whose first row and column in the slice are given. */
    private static void computeBlock(
            Slice s,
            int i,
            int j,
            float[] left,
            float[] right,
            float[] start,
            float[] c,
            int cAt,
            int cStep,
            float[] block) {
        int lastRow = Math.min(i + TASK_ROWS, s.rows);
        int lastColumn = Math.min(j + TASK_COLUMNS, s.columns);
        boolean first = s.p == 0;
        for (int jr = j; jr < lastColumn; jr += COLUMNS) {
            for (int ir = i; ir < lastRow; ir += ROWS) {
                int at = cAt + (s.i + ir) * cStep + s.j + jr;
                int rows = Math.min(ROWS, s.rows - ir);
                int columns = Math.min(COLUMNS, s.columns - jr);
                if (rows == ROWS && columns == COLUMNS) {
                    PackedTile.run(
                            s.terms,
                            left,
                            ir * s.terms,
                            right,
                            jr * s.terms,
                            first ? start : c,
                            first ? s.j + jr : at,
                            first ? 0 : cStep,
                            c,
                            at,
                            cStep,
                            s.floor);
                } else {
                    computeEdge(s, ir, jr, left, right, start, c, at, cStep, block);
                }
            }
        }
    }

    /** Computes a block that reaches beyond the last row or column, by way of a block of full size. */
    private static void computeEdge(
            Slice s,
            int ir,
            int jr,
            float[] left,
            float[] right,
            float[] start,
            float[] c,
            int at,
            int cStep,
            float[] block) {
        int rows = Math.min(ROWS, s.rows - ir);
        int columns = Math.min(COLUMNS, s.columns - jr);
        boolean first = s.p == 0;
        if (!first) {
            Arrays.fill(block, 0, ROWS * COLUMNS, 0);
            for (int r = 0; r < rows; r++) {
                System.arraycopy(c, at + r * cStep, block, r * COLUMNS, columns);
            }
        }
        PackedTile.run(
                s.terms,
                left,
                ir * s.terms,
                right,
                jr * s.terms,
                first ? start : block,
                first ? s.j + jr : 0,
                first ? 0 : COLUMNS,
                block,
                0,
                COLUMNS,
                s.floor);
        for (int r = 0; r < rows; r++) {
            System.arraycopy(block, r * COLUMNS, c, at + r * cStep, columns);
        }
    }

    /** Divides and rounds up; nothing is left to do for {@code a} of 0 or less. */
    static int ceilDiv(int a, int b) {
        return a <= 0 ? 0 : (a - 1) / b + 1;
    }

    static int roundUp(int a, int b) {
        return ceilDiv(a, b) * b;
    }
}
