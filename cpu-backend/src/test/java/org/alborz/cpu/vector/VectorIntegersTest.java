package org.alborz.cpu.vector;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.ShortBuffer;
import java.util.Random;
import org.alborz.backend.BinaryOp;
import org.alborz.backend.Comparison;
import org.alborz.backend.ReduceOp;
import org.alborz.cpu.vector.Pair.Twin;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Integers, and what float64 is reduced to, on several threads against the reference, in orders of memory of their own. */
final class VectorIntegersTest {
    @ParameterizedTest
    @CsvSource({
        "INT32, 1, 1",
        "INT32, 7, 13",
        "INT32, 300, 257",
        "INT64, 7, 13",
        "INT64, 300, 257",
        "INT64, 1, 40000",
        "UINT8, 300, 257",
        "FLOAT64, 300, 257",
        "FLOAT64, 20000, 3"
    })
    void equalTheReference(DType dtype, int rows, int columns) {
        Layout plain = Layout.rowMajor(Shape.of(rows, columns));
        Layout turned = Layout.rowMajor(Shape.of(columns, rows)).transpose(0, 1);
        try (Pair pair = new Pair(3)) {
            Twin a = numbers(pair, dtype, plain, 1);
            Twin b = numbers(pair, dtype, turned, 2);
            for (Layout order : new Layout[] {plain, turned}) {
                Twin mask = pair.empty(DType.BOOL, order);
                for (Comparison op : Comparison.values()) {
                    pair.vector.elementwise().compare(op, a.vector(), b.vector(), mask.vector());
                    pair.scalar.elementwise().compare(op, a.scalar(), b.scalar(), mask.scalar());
                    assertSame(pair, op, DType.BOOL, mask);
                }
                Twin y = pair.empty(dtype, order);
                pair.vector.elementwise().where(mask.vector(), a.vector(), b.vector(), y.vector());
                pair.scalar.elementwise().where(mask.scalar(), a.scalar(), b.scalar(), y.scalar());
                assertSame(pair, "where", dtype, y);
                for (BinaryOp op : new BinaryOp[] {
                    BinaryOp.ADD, BinaryOp.SUBTRACT, BinaryOp.MULTIPLY, BinaryOp.MAXIMUM, BinaryOp.MINIMUM
                }) {
                    if (dtype != DType.UINT8) {
                        pair.vector.elementwise().binary(op, a.vector(), b.vector(), y.vector());
                        pair.scalar.elementwise().binary(op, a.scalar(), b.scalar(), y.scalar());
                        assertSame(pair, op, dtype, y);
                    }
                }
                for (DType to : DType.values()) {
                    Twin converted = pair.empty(to, order);
                    pair.vector.elementwise().copy(a.vector(), converted.vector());
                    pair.scalar.elementwise().copy(a.scalar(), converted.scalar());
                    assertSame(pair, "copy to " + to, to, converted);
                }
            }
            for (Shape kept : new Shape[] {Shape.of(rows, 1), Shape.of(1, columns), Shape.of(1, 1)}) {
                reduce(pair, dtype, a, kept);
                reduce(pair, dtype, b, kept);
            }
        }
    }

    private static void reduce(Pair pair, DType dtype, Twin x, Shape kept) {
        DType ofSums = dtype == DType.UINT8 || dtype == DType.INT32 ? DType.INT64 : dtype;
        Twin sum = pair.empty(ofSums, Layout.rowMajor(kept));
        Twin most = pair.empty(dtype, Layout.rowMajor(kept));
        pair.vector.reductions().reduce(ReduceOp.SUM, x.vector(), sum.vector());
        pair.scalar.reductions().reduce(ReduceOp.SUM, x.scalar(), sum.scalar());
        assertSame(pair, "sum to " + kept, ofSums, sum);
        pair.vector.reductions().reduce(ReduceOp.MAX, x.vector(), most.vector());
        pair.scalar.reductions().reduce(ReduceOp.MAX, x.scalar(), most.scalar());
        assertSame(pair, "max to " + kept, dtype, most);
        int axis = kept.size(0) == 1 ? 0 : 1;
        if (dtype != DType.UINT8 && kept.size(1 - axis) == x.vector().shape().size(1 - axis)) {
            Twin index = pair.empty(DType.INT32, Layout.rowMajor(kept));
            pair.vector.reductions().argMin(axis, x.vector(), index.vector());
            pair.scalar.reductions().argMin(axis, x.scalar(), index.scalar());
            assertSame(pair, "argMin to " + kept, DType.INT32, index);
        }
    }

    private static Twin numbers(Pair pair, DType dtype, Layout layout, int seed) {
        Twin x = pair.empty(dtype, layout);
        Random random = new Random(seed);
        int n = (int) x.vector().buffer().elements();
        Buffer values = buffer(dtype, n);
        for (int i = 0; i < n; i++) {
            int number = random.nextInt(4) == 0 ? i % 50 : random.nextInt();
            if (values instanceof IntBuffer ints) {
                ints.put(i, number);
            } else if (values instanceof LongBuffer longs) {
                longs.put(i, (long) number << random.nextInt(30));
            } else if (values instanceof ByteBuffer bytes) {
                bytes.put(i, (byte) number);
            } else if (values instanceof DoubleBuffer doubles) {
                doubles.put(i, number * 0x1p-20);
            }
        }
        pair.vector.upload(values, x.vector().buffer(), 0);
        pair.scalar.upload(values, x.scalar().buffer(), 0);
        return x;
    }

    private static void assertSame(Pair pair, Object what, DType dtype, Twin y) {
        int n = (int) y.vector().buffer().elements();
        Buffer actual = buffer(dtype, n);
        Buffer expected = buffer(dtype, n);
        pair.vector.download(y.vector().buffer(), 0, actual);
        pair.scalar.download(y.scalar().buffer(), 0, expected);
        assertThat(actual).as("%s of %s", what, y.vector().layout()).isEqualTo(expected);
    }

    private static Buffer buffer(DType dtype, int n) {
        return switch (dtype) {
            case FLOAT32 -> FloatBuffer.allocate(n);
            case FLOAT64 -> DoubleBuffer.allocate(n);
            case INT32 -> IntBuffer.allocate(n);
            case INT64 -> LongBuffer.allocate(n);
            case FLOAT16, BFLOAT16 -> ShortBuffer.allocate(n);
            case UINT8, BOOL -> ByteBuffer.allocate(n);
        };
    }
}
