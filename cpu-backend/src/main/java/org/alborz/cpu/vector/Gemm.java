package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.GemmKernel.COLUMNS;
import static org.alborz.cpu.vector.GemmKernel.ROWS;

import java.util.Arrays;

/**
 * The blocked matrix product {@code c = max(floor, start + a·b)} after Goto and van de Geijn 2008.
 *
 * <p>For a slice of the inner axis, panels of ROWS rows of a and COLUMNS columns of b are packed so that the micro-kernel reads them
 * in order, whatever their strides were; then blocks of c, small enough for their share of a to stay in the first caches, are
 * computed. Where there are many rows for each thread, the task that computes some of them packs them, so that they do not leave its
 * caches; else all rows are packed first, and blocks are smaller, so that every thread finds work. The inner axis is always walked in
 * the same order, so results do not depend on who computes which block.
 */
final class Gemm {
    /** Rows, inner terms and columns packed at a time; bounds the scratch memory to 4 to 6 MiB a matrix. */
    private static final int MAX_ROWS = roundUp(2048, ROWS);

    private static final int MAX_TERMS = 512;
    private static final int MAX_COLUMNS = 2048;

    /** Rows of a task, whose share of a slice of terms (128 KiB) stays in the second cache. */
    private static final int TASK_ROWS = 8 * ROWS;

    /**
     * Columns of a task that packs, and of one that computes rows that were packed before: these panels of b (512 KiB) come from the second cache too.
     * A task that packs its rows itself walks through all columns, up to 4 MiB of panels for a slice of terms.
     */
    private static final int TASK_COLUMNS = 8 * COLUMNS;

    /** Columns of a task of few rows whose right matrix is packed already, so that every thread finds work. */
    private static final int FEW_COLUMNS = 2 * COLUMNS;

    /** The fewest tasks of rows for each thread with which a task packs its rows itself and takes all columns. */
    private static final int OWN_ROWS = 4;

    /** How many of the last of these tasks, for each thread, are divided into parts of the columns, and into how many. */
    private static final int LAST_TASKS = 2;

    private static final int PARTS = 4;

    /** How the tasks of one product are carried out. */
    interface Runner {
        /** Runs tasks; see {@link ThreadTeam#run(int, int, ThreadTeam.Task)}. */
        void run(int own, int shared, ThreadTeam.Task work);

        default void run(int tasks, ThreadTeam.Task work) {
            run(tasks, 0, work);
        }
    }

    /** Runs tasks one after the other as one worker of the team, for a product that is itself a task. */
    static void serially(int worker, int tasks, ThreadTeam.Task work) {
        for (int task = 0; task < tasks; task++) {
            work.run(task, worker);
        }
    }

    private final WorkerPool workers;
    private final Workspace packing;
    private final int concurrency;
    private final ThreadTeam.Task pack = this::pack;
    private final ThreadTeam.Task compute = this::compute;
    private final ThreadTeam.Task packColumns = this::packColumns;
    private final ThreadTeam.Task computeRows = this::computeRows;

    // The product that goes on now; fields, so that one makes no objects.
    private Matrix a;
    private Matrix b;
    private float[] start;
    private float[] c;
    private int cAt;
    private int cStep;

    /** The right matrix as {@link #packRight} packs it, or null where that is still to be done. */
    private float[] packed;

    private int packedAt;

    // The part that is computed now, of one slice of terms or, where the right matrix is packed already, several:
    // its first row, column and term, and their counts, packed.
    private int firstRow;
    private int firstColumn;
    private int firstTerm;
    private int rows;
    private int columns;
    private int terms;
    private float floor;
    private float[] left;
    private float[] right;
    private int rightAt;
    private int taskColumns;

    /**
     * Prepares products whose packed matrices are in the given memory.
     *
     * @param packing not in use by anybody else during a product
     * @param concurrency how many tasks of a product may run at the same time: the threads, or 1 where its runner is {@link #serially}
     */
    Gemm(WorkerPool workers, Workspace packing, int concurrency) {
        this.workers = workers;
        this.packing = packing;
        this.concurrency = concurrency;
    }

    /**
     * Multiplies.
     *
     * @param bias one number for each column, or null
     * @param least what each result is raised to
     * @param product row-major, {@code step} from one row to the next
     */
    void multiply(
            Runner runner,
            Matrix factor,
            Matrix other,
            float[] bias,
            int biasAt,
            float least,
            float[] product,
            int at,
            int step) {
        multiply(runner, factor, other, null, 0, bias, biasAt, least, product, at, step);
    }

    /**
     * Multiplies.
     *
     * @param panels the other matrix as {@link #packRight} packs it, or null where that is still to be done
     */
    void multiply(
            Runner runner,
            Matrix factor,
            Matrix other,
            float[] panels,
            int panelsAt,
            float[] bias,
            int biasAt,
            float least,
            float[] product,
            int at,
            int step) {
        if (Gemv.fits(factor, other)) {
            Gemv.multiply(runner, factor, other, bias, biasAt, least, product, at, step);
            return;
        }
        packed = panels;
        packedAt = panelsAt;
        a = factor;
        b = other;
        c = product;
        cAt = at;
        cStep = step;
        // start[0..columns): the bias, or zeros, up to whole panels.
        start = packing.zeros(Workspace.Use.START, roundUp(b.columns(), COLUMNS));
        if (bias != null) {
            System.arraycopy(bias, biasAt, start, 0, b.columns());
        }
        for (firstColumn = 0; firstColumn < b.columns(); firstColumn += MAX_COLUMNS) {
            columns = Math.min(MAX_COLUMNS, b.columns() - firstColumn);
            for (firstRow = 0; firstRow < a.rows(); firstRow += MAX_ROWS) {
                rows = Math.min(MAX_ROWS, a.rows() - firstRow);
                multiplySlices(runner, least);
            }
        }
        a = null;
        b = null;
        c = null;
        start = null;
        left = null;
        right = null;
        packed = null;
    }

    /** Returns how many numbers a right matrix of so many terms and columns takes as it is packed. */
    static long packedSize(int terms, int columns) {
        return (long) roundUp(columns, COLUMNS) * Packing.packedTerms(terms);
    }

    /** Packs a right matrix for products of any number of rows. */
    void packRight(Runner runner, Matrix other, float[] panels, int at) {
        b = other;
        right = panels;
        packedAt = at;
        rows = 0;
        taskColumns = TASK_COLUMNS;
        for (firstColumn = 0; firstColumn < b.columns(); firstColumn += MAX_COLUMNS) {
            columns = Math.min(MAX_COLUMNS, b.columns() - firstColumn);
            for (firstTerm = 0; firstTerm < b.rows(); firstTerm += MAX_TERMS) {
                terms = Math.min(MAX_TERMS, b.rows() - firstTerm);
                rightAt = packedSlice();
                runner.run(columnTasks(), pack);
            }
        }
        b = null;
        right = null;
    }

    /** Returns where the slice of columns and terms begins in a right matrix that is packed as a whole. */
    private int packedSlice() {
        return packedAt + firstColumn * Packing.packedTerms(b.rows()) + roundUp(columns, COLUMNS) * firstTerm;
    }

    private void multiplySlices(Runner runner, float least) {
        if (rowTasks() >= OWN_ROWS * concurrency) {
            multiplyRows(runner, least);
            return;
        }
        boolean once = packed != null && Packing.packedTerms(a.columns()) * (long) rows <= MAX_ROWS * MAX_TERMS;
        int most = once ? Integer.MAX_VALUE : MAX_TERMS;
        taskColumns = packed != null && rows <= TASK_ROWS ? FEW_COLUMNS : TASK_COLUMNS;
        firstTerm = 0;
        do {
            terms = Math.min(most, a.columns() - firstTerm);
            floor = firstTerm + terms == a.columns() ? least : Float.NEGATIVE_INFINITY;
            left = packing.floats(Workspace.Use.LEFT, Packing.rowPanel(roundUp(rows, ROWS), terms));
            if (packed == null) {
                right = packing.floats(Workspace.Use.RIGHT, Packing.columnPanel(roundUp(columns, COLUMNS), terms));
                rightAt = 0;
            } else {
                right = packed;
                rightAt = packedSlice();
            }
            runner.run(rowTasks() + (packed == null ? columnTasks() : 0), pack);
            runner.run(rowTasks() * columnTasks(), compute);
            firstTerm += terms;
        } while (firstTerm < a.columns());
    }

    /** Multiplies by tasks that pack rows themselves, with as many slices of terms of the right matrix as there is room for. */
    private void multiplyRows(Runner runner, float least) {
        taskColumns = TASK_COLUMNS;
        int width = roundUp(columns, COLUMNS);
        int most = packed == null ? MAX_COLUMNS / width * MAX_TERMS : Integer.MAX_VALUE;
        firstTerm = 0;
        do {
            terms = Math.min(most, a.columns() - firstTerm);
            floor = firstTerm + terms == a.columns() ? least : Float.NEGATIVE_INFINITY;
            if (packed == null) {
                right = packing.floats(Workspace.Use.RIGHT, (long) width * Packing.packedTerms(terms));
                rightAt = 0;
                runner.run(columnTasks() * ceilDiv(terms, MAX_TERMS), packColumns);
            } else {
                right = packed;
                rightAt = packedSlice();
            }
            runner.run(wholeTasks(), (rowTasks() - wholeTasks()) * parts(), computeRows);
            firstTerm += terms;
        } while (firstTerm < a.columns());
    }

    /** Returns how many tasks take all columns; with several threads those of the last rows take parts, so that none waits long for the others. */
    private int wholeTasks() {
        return concurrency == 1 ? rowTasks() : Math.max(0, rowTasks() - LAST_TASKS * concurrency);
    }

    private int parts() {
        return Math.min(PARTS, columnTasks());
    }

    private void packColumns(int task, int worker) {
        int term = task / columnTasks() * MAX_TERMS;
        int from = task % columnTasks() * taskColumns;
        int to = Math.min(columns, from + taskColumns);
        int some = Math.min(MAX_TERMS, terms - term);
        Packing.columns(
                b, firstTerm + term, firstColumn, from, to, some, right, rightAt + roundUp(columns, COLUMNS) * term);
    }

    /** Packs some rows, a slice of terms after the other, and computes all columns of them or a part. */
    private void computeRows(int task, int worker) {
        int whole = wholeTasks();
        int divided = Math.max(0, task - whole);
        int i = (Math.min(task, whole) + divided / parts()) * TASK_ROWS;
        int last = Math.min(i + TASK_ROWS, rows);
        int width = task < whole ? columns : roundUp(ceilDiv(columns, parts()), COLUMNS);
        int j = divided % parts() * width;
        Workspace memory = workers.workspace(worker);
        float[] own = memory.floats(Workspace.Use.LEFT, Packing.rowPanel(TASK_ROWS, MAX_TERMS));
        float[] block = memory.floats(Workspace.Use.BLOCK, ROWS * COLUMNS);
        int term = 0;
        do {
            int some = Math.min(MAX_TERMS, terms - term);
            Packing.rows(a, firstRow + i, firstTerm + term, 0, last - i, some, own, 0);
            computeBlock(i, j, width, term, some, own, -Packing.rowPanel(i, some), block);
            term += MAX_TERMS;
        } while (term < terms);
    }

    private int rowTasks() {
        return ceilDiv(rows, TASK_ROWS);
    }

    private int columnTasks() {
        return ceilDiv(columns, taskColumns);
    }

    private void pack(int task, int worker) {
        if (task < rowTasks()) {
            int from = task * TASK_ROWS;
            int to = Math.min(rows, from + TASK_ROWS);
            for (int term = 0; term < terms; term += MAX_TERMS) {
                int some = Math.min(MAX_TERMS, terms - term);
                Packing.rows(a, firstRow, firstTerm + term, from, to, some, left, leftSlice(term));
            }
        } else {
            int from = (task - rowTasks()) * taskColumns;
            int to = Math.min(columns, from + taskColumns);
            Packing.columns(b, firstTerm, firstColumn, from, to, terms, right, rightAt);
        }
    }

    private void compute(int task, int worker) {
        float[] block = workers.workspace(worker).floats(Workspace.Use.BLOCK, ROWS * COLUMNS);
        int i = task / columnTasks() * TASK_ROWS;
        int j = task % columnTasks() * taskColumns;
        int term = 0;
        do {
            computeBlock(i, j, taskColumns, term, Math.min(MAX_TERMS, terms - term), left, leftSlice(term), block);
            term += MAX_TERMS;
        } while (term < terms);
    }

    /** Returns where a slice of terms begins in the packed rows. */
    private int leftSlice(int term) {
        return Packing.rowPanel(roundUp(rows, ROWS), term);
    }

    /**
     * Adds some terms to the task's block, whose first row and column in the slice are given.
     *
     * @param leftAt where the packed rows of these terms begin or, of those that begin with row i, would begin
     */
    private void computeBlock(
            int i, int j, int width, int term, int some, float[] packedRows, int leftAt, float[] block) {
        int lastRow = Math.min(i + TASK_ROWS, rows);
        int lastColumn = Math.min(j + width, columns);
        int panelsAt = rightAt + roundUp(columns, COLUMNS) * term;
        boolean first = firstTerm + term == 0;
        float least = term + some == terms ? floor : Float.NEGATIVE_INFINITY;
        for (int jr = j; jr < lastColumn; jr += COLUMNS) {
            for (int ir = i; ir < lastRow; ir += ROWS) {
                int at = cAt + (firstRow + ir) * cStep + firstColumn + jr;
                if (ir + ROWS <= rows && jr + COLUMNS <= columns) {
                    GemmKernel.run(
                            Packing.packedTerms(some),
                            packedRows,
                            leftAt + Packing.rowPanel(ir, some),
                            right,
                            panelsAt + Packing.columnPanel(jr, some),
                            first ? start : c,
                            first ? firstColumn + jr : at,
                            first ? 0 : cStep,
                            c,
                            at,
                            cStep,
                            least);
                } else {
                    computeEdge(ir, jr, at, term, some, packedRows, leftAt, block);
                }
            }
        }
    }

    /** Computes a block that reaches beyond the last row or column, by way of a block of full size. */
    private void computeEdge(
            int ir, int jr, int at, int term, int some, float[] packedRows, int leftAt, float[] block) {
        int height = Math.min(ROWS, rows - ir);
        int width = Math.min(COLUMNS, columns - jr);
        boolean first = firstTerm + term == 0;
        if (!first) {
            Arrays.fill(block, 0, ROWS * COLUMNS, 0);
            for (int r = 0; r < height; r++) {
                System.arraycopy(c, at + r * cStep, block, r * COLUMNS, width);
            }
        }
        GemmKernel.run(
                Packing.packedTerms(some),
                packedRows,
                leftAt + Packing.rowPanel(ir, some),
                right,
                rightAt + roundUp(columns, COLUMNS) * term + Packing.columnPanel(jr, some),
                first ? start : block,
                first ? firstColumn + jr : 0,
                first ? 0 : COLUMNS,
                block,
                0,
                COLUMNS,
                term + some == terms ? floor : Float.NEGATIVE_INFINITY);
        for (int r = 0; r < height; r++) {
            System.arraycopy(block, r * COLUMNS, c, at + r * cStep, width);
        }
    }

    /** Divides and rounds up; 0 for {@code a} of 0 or less. */
    static int ceilDiv(int a, int b) {
        return a <= 0 ? 0 : (a - 1) / b + 1;
    }

    static int roundUp(int a, int b) {
        return ceilDiv(a, b) * b;
    }
}
