package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.Lanes.L;
import static org.alborz.cpu.vector.Lanes.S;

import java.util.Arrays;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;
import org.alborz.backend.Comparison;
import org.alborz.backend.Operand;
import org.alborz.cpu.memory.BoolBuffer;

/** Masks of float32 numbers: comparisons that give them, and the choice that takes them, row by row and on all threads. */
final class VectorMasks {
    /** Lanes from which on a byte for each of them makes a vector. */
    private static final int SHORTEST = 8;

    /** As many lanes as of floats. */
    private static final VectorSpecies<Byte> BYTES =
            VectorSpecies.of(byte.class, VectorShape.forBitSize(Math.max(L, SHORTEST) * Byte.SIZE));

    /**
     * The float whose bits are those of the int 1. A mask chooses between it and 0, and the ints become bytes: {@code intoArray} of the mask would
     * make an array of it first (JDK 17). That is written out in each loop, since a method of its own is sometimes not inlined, and then vectors are objects.
     */
    private static final float ONE = Float.MIN_VALUE;

    private final ParallelStridedIterator iterator;
    private final ShortRows shortRows;

    // The call that runs now; kept here, so that a call makes no objects.
    /** The operands that are float32, each in its place among all. */
    private final float[][] arrays = new float[Workspace.BLOCKS][];

    private boolean[] mask;

    private VectorElementwise.Span span;
    private boolean isTiled;

    // A span for each comparison, so that each is compiled by itself: one method with all their loops was too large for
    // the compiler to inline what keeps vectors in registers (JDK 25).
    private final VectorElementwise.Span equal =
            (x, at, n) -> equal(x[0], at[0], step(0), x[1], at[1], step(1), mask, at[2], step(2), n);
    private final VectorElementwise.Span notEqual =
            (x, at, n) -> notEqual(x[0], at[0], step(0), x[1], at[1], step(1), mask, at[2], step(2), n);
    private final VectorElementwise.Span less =
            (x, at, n) -> greater(x[1], at[1], step(1), x[0], at[0], step(0), mask, at[2], step(2), n);
    private final VectorElementwise.Span lessEqual =
            (x, at, n) -> greaterEqual(x[1], at[1], step(1), x[0], at[0], step(0), mask, at[2], step(2), n);
    private final VectorElementwise.Span greater =
            (x, at, n) -> greater(x[0], at[0], step(0), x[1], at[1], step(1), mask, at[2], step(2), n);
    private final VectorElementwise.Span greaterEqual =
            (x, at, n) -> greaterEqual(x[0], at[0], step(0), x[1], at[1], step(1), mask, at[2], step(2), n);
    private final VectorElementwise.Span where = this::chooseRow;
    private final ParallelStridedIterator.Part inPlace = (at, length, worker) -> span.run(arrays, at, length);

    VectorMasks(WorkerPool workers) {
        iterator = new ParallelStridedIterator(workers);
        shortRows = new ShortRows(workers, iterator);
    }

    void compare(Comparison op, Operand a, Operand b, Operand y) {
        arrays[0] = Floats.of(a);
        arrays[1] = Floats.of(b);
        mask = BoolBuffer.arrayOf(y);
        iterator.start(a.layout(), b.layout(), y.layout());
        run(
                switch (op) {
                    case EQUAL -> equal;
                    case NOT_EQUAL -> notEqual;
                    case LESS -> less;
                    case LESS_EQUAL -> lessEqual;
                    case GREATER -> greater;
                    case GREATER_EQUAL -> greaterEqual;
                },
                3);
    }

    void where(Operand condition, Operand a, Operand b, Operand y) {
        mask = BoolBuffer.arrayOf(condition);
        arrays[1] = Floats.of(a);
        arrays[2] = Floats.of(b);
        arrays[3] = Floats.of(y);
        iterator.start(condition.layout(), a.layout(), b.layout(), y.layout());
        run(where, 4);
    }

    private void run(VectorElementwise.Span what, int operands) {
        span = what;
        isTiled = shortRows.fits(arrays, operands);
        if (isTiled) {
            shortRows.run(arrays, operands, what);
        } else {
            iterator.forEach(inPlace);
        }
        Arrays.fill(arrays, null); // they may go back to the pool
        mask = null;
    }

    /** Returns the distance between neighbours of an operand; in a block they follow each other. */
    private int step(int operand) {
        return isTiled ? 1 : iterator.step(operand);
    }

    /** Tells whether a row can be read as vectors: its elements are neighbours, or all the same. */
    private static boolean isVector(int step) {
        return step == 1 || step == 0;
    }

    private static FloatVector read(float[] x, int at, int step, int i) {
        return step == 1 ? FloatVector.fromArray(S, x, at + i) : FloatVector.broadcast(S, x[at]);
    }

    /** Returns how many elements of rows are done as vectors. */
    private static int whole(int first, int second, int last, int n) {
        return isVector(first) && isVector(second) && last == 1 ? n - n % L : 0;
    }

    private static void equal(
            float[] a, int ai, int da, float[] b, int bi, int db, boolean[] y, int yi, int dy, int n) {
        int whole = L < SHORTEST ? 0 : whole(da, db, dy, n);
        for (int i = 0; i < whole; i += L) {
            FloatVector one =
                    FloatVector.zero(S).blend(ONE, read(a, ai, da, i).compare(VectorOperators.EQ, read(b, bi, db, i)));
            ((ByteVector) one.reinterpretAsInts().convertShape(VectorOperators.I2B, BYTES, 0))
                    .intoBooleanArray(y, yi + i);
        }
        for (int i = whole; i < n; i++) {
            y[yi + i * dy] = a[ai + i * da] == b[bi + i * db];
        }
    }

    private static void notEqual(
            float[] a, int ai, int da, float[] b, int bi, int db, boolean[] y, int yi, int dy, int n) {
        int whole = L < SHORTEST ? 0 : whole(da, db, dy, n);
        for (int i = 0; i < whole; i += L) {
            FloatVector one =
                    FloatVector.zero(S).blend(ONE, read(a, ai, da, i).compare(VectorOperators.NE, read(b, bi, db, i)));
            ((ByteVector) one.reinterpretAsInts().convertShape(VectorOperators.I2B, BYTES, 0))
                    .intoBooleanArray(y, yi + i);
        }
        for (int i = whole; i < n; i++) {
            y[yi + i * dy] = a[ai + i * da] != b[bi + i * db];
        }
    }

    private static void greater(
            float[] a, int ai, int da, float[] b, int bi, int db, boolean[] y, int yi, int dy, int n) {
        int whole = L < SHORTEST ? 0 : whole(da, db, dy, n);
        for (int i = 0; i < whole; i += L) {
            FloatVector one =
                    FloatVector.zero(S).blend(ONE, read(a, ai, da, i).compare(VectorOperators.GT, read(b, bi, db, i)));
            ((ByteVector) one.reinterpretAsInts().convertShape(VectorOperators.I2B, BYTES, 0))
                    .intoBooleanArray(y, yi + i);
        }
        for (int i = whole; i < n; i++) {
            y[yi + i * dy] = a[ai + i * da] > b[bi + i * db];
        }
    }

    private static void greaterEqual(
            float[] a, int ai, int da, float[] b, int bi, int db, boolean[] y, int yi, int dy, int n) {
        int whole = L < SHORTEST ? 0 : whole(da, db, dy, n);
        for (int i = 0; i < whole; i += L) {
            FloatVector one =
                    FloatVector.zero(S).blend(ONE, read(a, ai, da, i).compare(VectorOperators.GE, read(b, bi, db, i)));
            ((ByteVector) one.reinterpretAsInts().convertShape(VectorOperators.I2B, BYTES, 0))
                    .intoBooleanArray(y, yi + i);
        }
        for (int i = whole; i < n; i++) {
            y[yi + i * dy] = a[ai + i * da] >= b[bi + i * db];
        }
    }

    private void chooseRow(float[][] x, int[] at, int n) {
        int dc = step(0);
        int da = step(1);
        int db = step(2);
        int dy = step(3);
        float[] a = x[1];
        float[] b = x[2];
        float[] y = x[3];
        int whole = dc == 1 ? whole(da, db, dy, n) : 0;
        for (int i = 0; i < whole; i += L) {
            read(b, at[2], db, i)
                    .blend(read(a, at[1], da, i), VectorMask.fromArray(S, mask, at[0] + i))
                    .intoArray(y, at[3] + i);
        }
        for (int i = whole; i < n; i++) {
            y[at[3] + i * dy] = mask[at[0] + i * dc] ? a[at[1] + i * da] : b[at[2] + i * db];
        }
    }
}
