package org.alborz.cpu.vector;

import org.alborz.backend.BinaryOp;
import org.alborz.backend.Comparison;
import org.alborz.backend.Operand;
import org.alborz.cpu.memory.BoolBuffer;
import org.alborz.cpu.memory.CpuBuffer;
import org.alborz.cpu.memory.Int32Buffer;
import org.alborz.cpu.memory.Int64Buffer;
import org.alborz.cpu.scalar.ScalarElementwise;

/** Functions of int32 and int64 that float64 does not hold exactly, row by row and on all threads. */
final class VectorIntegers {
    private final ParallelStridedIterator iterator;

    // The call that runs now; kept here, so that a call makes no objects.
    private BinaryOp op;
    private Comparison comparison;
    private int[][] ints;
    private long[][] longs;
    private boolean[] mask;
    private CpuBuffer into;
    private final int[][] threeOfInts = new int[3][];
    private final long[][] threeOfLongs = new long[3][];

    private final ParallelStridedIterator.Part ofInts = (at, length, worker) -> intRow(at, length);
    private final ParallelStridedIterator.Part ofLongs = (at, length, worker) -> longRow(at, length);
    private final ParallelStridedIterator.Part compare = (at, length, worker) -> compareRow(at, length);
    private final ParallelStridedIterator.Part where = (at, length, worker) -> chooseRow(at, length);
    private final ParallelStridedIterator.Part copy = (at, length, worker) -> copyRow(at, length);

    VectorIntegers(WorkerPool workers) {
        iterator = new ParallelStridedIterator(workers);
    }

    /** Computes {@code y = op(a, b)} of int32 or int64, which wraps around. */
    void binary(BinaryOp what, Operand a, Operand b, Operand y) {
        op = what;
        iterator.start(a.layout(), b.layout(), y.layout());
        if (CpuBuffer.of(y) instanceof Int32Buffer) {
            ints = threeOfInts;
            ints[0] = ((Int32Buffer) CpuBuffer.of(a)).array();
            ints[1] = ((Int32Buffer) CpuBuffer.of(b)).array();
            ints[2] = ((Int32Buffer) CpuBuffer.of(y)).array();
            run(ofInts);
        } else {
            takeLongs(a, b);
            longs[2] = ((Int64Buffer) CpuBuffer.of(y)).array();
            run(ofLongs);
        }
    }

    /** Compares int64. */
    void compare(Comparison what, Operand a, Operand b, Operand y) {
        comparison = what;
        takeLongs(a, b);
        mask = BoolBuffer.arrayOf(y);
        iterator.start(a.layout(), b.layout(), y.layout());
        run(compare);
    }

    /** Chooses from int64. */
    void where(Operand condition, Operand a, Operand b, Operand y) {
        mask = BoolBuffer.arrayOf(condition);
        takeLongs(a, b);
        longs[2] = ((Int64Buffer) CpuBuffer.of(y)).array();
        iterator.start(condition.layout(), a.layout(), b.layout(), y.layout());
        run(where);
    }

    /** Copies int64, converting it to the result's type. */
    void copy(Operand x, Operand y) {
        longs = threeOfLongs;
        longs[0] = ((Int64Buffer) CpuBuffer.of(x)).array();
        into = CpuBuffer.of(y);
        longs[2] = into instanceof Int64Buffer same ? same.array() : null;
        iterator.start(x.layout(), y.layout());
        run(copy);
    }

    private void takeLongs(Operand a, Operand b) {
        longs = threeOfLongs;
        longs[0] = ((Int64Buffer) CpuBuffer.of(a)).array();
        longs[1] = ((Int64Buffer) CpuBuffer.of(b)).array();
    }

    private void run(ParallelStridedIterator.Part part) {
        iterator.forEach(part);
        for (int i = 0; i < threeOfInts.length; i++) {
            threeOfInts[i] = null; // they may go back to the pool
            threeOfLongs[i] = null;
        }
        mask = null;
        into = null;
    }

    private static IllegalArgumentException refused(BinaryOp op) {
        return new IllegalArgumentException(op + " is computed with floating numbers only");
    }

    private void intRow(int[] at, int n) {
        int[] a = ints[0];
        int[] b = ints[1];
        int[] y = ints[2];
        int ai = at[0];
        int bi = at[1];
        int yi = at[2];
        int da = iterator.step(0);
        int db = iterator.step(1);
        int dy = iterator.step(2);
        switch (op) {
            case ADD -> {
                for (int i = 0; i < n; i++) {
                    y[yi + i * dy] = a[ai + i * da] + b[bi + i * db];
                }
            }
            case SUBTRACT -> {
                for (int i = 0; i < n; i++) {
                    y[yi + i * dy] = a[ai + i * da] - b[bi + i * db];
                }
            }
            case MULTIPLY -> {
                for (int i = 0; i < n; i++) {
                    y[yi + i * dy] = a[ai + i * da] * b[bi + i * db];
                }
            }
            case MAXIMUM -> {
                for (int i = 0; i < n; i++) {
                    y[yi + i * dy] = Math.max(a[ai + i * da], b[bi + i * db]);
                }
            }
            case MINIMUM -> {
                for (int i = 0; i < n; i++) {
                    y[yi + i * dy] = Math.min(a[ai + i * da], b[bi + i * db]);
                }
            }
            case REMAINDER -> {
                for (int i = 0; i < n; i++) {
                    int divisor = b[bi + i * db];
                    y[yi + i * dy] = divisor == 0 ? 0 : Math.floorMod(a[ai + i * da], divisor);
                }
            }
            case FLOOR_DIVIDE -> {
                for (int i = 0; i < n; i++) {
                    int divisor = b[bi + i * db];
                    y[yi + i * dy] = divisor == 0 ? 0 : Math.floorDiv(a[ai + i * da], divisor);
                }
            }
            case DIVIDE, POWER, RELU_BACKWARD, ATAN2 -> throw refused(op);
        }
    }

    private void longRow(int[] at, int n) {
        long[] a = longs[0];
        long[] b = longs[1];
        long[] y = longs[2];
        int ai = at[0];
        int bi = at[1];
        int yi = at[2];
        int da = iterator.step(0);
        int db = iterator.step(1);
        int dy = iterator.step(2);
        switch (op) {
            case ADD -> {
                for (int i = 0; i < n; i++) {
                    y[yi + i * dy] = a[ai + i * da] + b[bi + i * db];
                }
            }
            case SUBTRACT -> {
                for (int i = 0; i < n; i++) {
                    y[yi + i * dy] = a[ai + i * da] - b[bi + i * db];
                }
            }
            case MULTIPLY -> {
                for (int i = 0; i < n; i++) {
                    y[yi + i * dy] = a[ai + i * da] * b[bi + i * db];
                }
            }
            case MAXIMUM -> {
                for (int i = 0; i < n; i++) {
                    y[yi + i * dy] = Math.max(a[ai + i * da], b[bi + i * db]);
                }
            }
            case MINIMUM -> {
                for (int i = 0; i < n; i++) {
                    y[yi + i * dy] = Math.min(a[ai + i * da], b[bi + i * db]);
                }
            }
            case REMAINDER -> {
                for (int i = 0; i < n; i++) {
                    long divisor = b[bi + i * db];
                    y[yi + i * dy] = divisor == 0 ? 0 : Math.floorMod(a[ai + i * da], divisor);
                }
            }
            case FLOOR_DIVIDE -> {
                for (int i = 0; i < n; i++) {
                    long divisor = b[bi + i * db];
                    y[yi + i * dy] = divisor == 0 ? 0 : Math.floorDiv(a[ai + i * da], divisor);
                }
            }
            case DIVIDE, POWER, RELU_BACKWARD, ATAN2 -> throw refused(op);
        }
    }

    private void compareRow(int[] at, int n) {
        long[] a = longs[0];
        long[] b = longs[1];
        int da = iterator.step(0);
        int db = iterator.step(1);
        int dy = iterator.step(2);
        for (int i = 0; i < n; i++) {
            int order = Long.compare(a[at[0] + i * da], b[at[1] + i * db]);
            mask[at[2] + i * dy] = ScalarElementwise.holds(comparison, order, 0);
        }
    }

    private void chooseRow(int[] at, int n) {
        long[] a = longs[0];
        long[] b = longs[1];
        long[] y = longs[2];
        int dc = iterator.step(0);
        int da = iterator.step(1);
        int db = iterator.step(2);
        int dy = iterator.step(3);
        for (int i = 0; i < n; i++) {
            y[at[3] + i * dy] = mask[at[0] + i * dc] ? a[at[1] + i * da] : b[at[2] + i * db];
        }
    }

    private void copyRow(int[] at, int n) {
        long[] x = longs[0];
        long[] y = longs[2];
        int dx = iterator.step(0);
        int dy = iterator.step(1);
        if (y == null) {
            for (int i = 0; i < n; i++) {
                into.setLong(at[1] + i * dy, x[at[0] + i * dx]);
            }
        } else if (dx == 1 && dy == 1) {
            System.arraycopy(x, at[0], y, at[1], n);
        } else {
            for (int i = 0; i < n; i++) {
                y[at[1] + i * dy] = x[at[0] + i * dx];
            }
        }
    }
}
