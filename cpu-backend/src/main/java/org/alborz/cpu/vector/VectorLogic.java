package org.alborz.cpu.vector;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.alborz.backend.Operand;
import org.alborz.cpu.memory.BoolBuffer;

/** Functions of two truth values, row by row and on all threads. */
final class VectorLogic {
    private static final VectorSpecies<Byte> BYTES = VectorSpecies.of(byte.class, Lanes.S.vectorShape());

    enum Function {
        AND,
        OR,
        SAME,
        DIFFERENT
    }

    private final ParallelStridedIterator iterator;

    // The call that runs now; kept here, so that a call makes no objects.
    private Function function;
    private boolean[] a;
    private boolean[] b;
    private boolean[] y;
    private final ParallelStridedIterator.Part part = (at, length, worker) -> row(at[0], at[1], at[2], length);

    VectorLogic(WorkerPool workers) {
        iterator = new ParallelStridedIterator(workers);
    }

    void run(Function what, Operand left, Operand right, Operand into) {
        function = what;
        a = BoolBuffer.arrayOf(left);
        b = BoolBuffer.arrayOf(right);
        y = BoolBuffer.arrayOf(into);
        iterator.start(left.layout(), right.layout(), into.layout());
        iterator.forEach(part);
        a = null; // they may go back to the pool
        b = null;
        y = null;
    }

    private void row(int ai, int bi, int yi, int n) {
        int da = iterator.step(0);
        int db = iterator.step(1);
        int dy = iterator.step(2);
        boolean isRow = da == 1 && db == 1 && dy == 1;
        int whole = isRow ? n - n % BYTES.length() : 0;
        switch (function) {
            case AND -> {
                for (int i = 0; i < whole; i += BYTES.length()) {
                    ByteVector.fromBooleanArray(BYTES, a, ai + i)
                            .and(ByteVector.fromBooleanArray(BYTES, b, bi + i))
                            .intoBooleanArray(y, yi + i);
                }
                for (int i = whole; i < n; i++) {
                    y[yi + i * dy] = a[ai + i * da] & b[bi + i * db];
                }
            }
            case OR -> {
                for (int i = 0; i < whole; i += BYTES.length()) {
                    ByteVector.fromBooleanArray(BYTES, a, ai + i)
                            .or(ByteVector.fromBooleanArray(BYTES, b, bi + i))
                            .intoBooleanArray(y, yi + i);
                }
                for (int i = whole; i < n; i++) {
                    y[yi + i * dy] = a[ai + i * da] | b[bi + i * db];
                }
            }
            case SAME -> {
                for (int i = 0; i < whole; i += BYTES.length()) {
                    ByteVector.fromBooleanArray(BYTES, a, ai + i)
                            .lanewise(VectorOperators.XOR, ByteVector.fromBooleanArray(BYTES, b, bi + i))
                            .lanewise(VectorOperators.XOR, (byte) 1)
                            .intoBooleanArray(y, yi + i);
                }
                for (int i = whole; i < n; i++) {
                    y[yi + i * dy] = a[ai + i * da] == b[bi + i * db];
                }
            }
            case DIFFERENT -> {
                for (int i = 0; i < whole; i += BYTES.length()) {
                    ByteVector.fromBooleanArray(BYTES, a, ai + i)
                            .lanewise(VectorOperators.XOR, ByteVector.fromBooleanArray(BYTES, b, bi + i))
                            .intoBooleanArray(y, yi + i);
                }
                for (int i = whole; i < n; i++) {
                    y[yi + i * dy] = a[ai + i * da] != b[bi + i * db];
                }
            }
        }
    }
}
