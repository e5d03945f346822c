package org.alborz.cpu.vector;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.Arrays;
import java.util.Random;
import org.alborz.backend.Backend;
import org.alborz.backend.BackendOptions;
import org.alborz.backend.Buffer;
import org.alborz.backend.Operand;
import org.alborz.cpu.scalar.ScalarBackend;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/** The backend under test beside the reference, and operands that hold the same numbers in both. Memory is poisoned in both. */
final class Pair implements AutoCloseable {
    final Backend vector;
    final Backend scalar;
    private final Random random = new Random(1);

    Pair(int threads) {
        vector =
                new VectorBackend(BackendOptions.defaults().withThreads(threads).withPoison());
        scalar = new ScalarBackend(BackendOptions.defaults().withPoison());
    }

    /** A buffer and its layout. */
    record TestOperand(Buffer buffer, Layout layout) implements Operand {}

    /** The same operand in both backends. */
    record Twin(TestOperand vector, TestOperand scalar) {
        Twin with(Layout layout) {
            return new Twin(new TestOperand(vector.buffer(), layout), new TestOperand(scalar.buffer(), layout));
        }
    }

    /** Makes an operand of undefined content, in a buffer that is a little longer and starts a little earlier than it needs. */
    Twin empty(DType dtype, Layout layout) {
        long elements = last(layout) + 4;
        Layout moved = layout.shift(3);
        return new Twin(
                new TestOperand(vector.allocate(dtype, elements), moved),
                new TestOperand(scalar.allocate(dtype, elements), moved));
    }

    private static long last(Layout layout) {
        long last = layout.offset();
        for (int i = 0; i < layout.shape().rank(); i++) {
            last += Math.max(0, layout.shape().size(i) - 1) * layout.stride(i);
        }
        return last;
    }

    Twin empty(Layout layout) {
        return empty(DType.FLOAT32, layout);
    }

    /** Makes an operand of numbers between -1 and 1, all of its buffer filled. */
    Twin random(Layout layout) {
        Twin twin = empty(DType.FLOAT32, layout);
        float[] values = new float[(int) twin.vector.buffer().elements()];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextFloat() * 2 - 1;
        }
        fill(twin, values);
        return twin;
    }

    void fill(Twin twin, float[] values) {
        vector.upload(FloatBuffer.wrap(values), twin.vector.buffer(), 0);
        scalar.upload(FloatBuffer.wrap(values), twin.scalar.buffer(), 0);
    }

    /** Makes int32 labels from 0 to {@code classes}, exclusive. */
    Twin labels(int count, int classes) {
        Twin twin = empty(DType.INT32, Layout.rowMajor(Shape.of(count)));
        int[] values = new int[count];
        Arrays.setAll(values, i -> random.nextInt(classes));
        vector.upload(IntBuffer.wrap(values), twin.vector.buffer(), 3);
        scalar.upload(IntBuffer.wrap(values), twin.scalar.buffer(), 3);
        return twin;
    }

    /** Returns an operand's elements in row-major order. */
    static float[] read(Backend backend, TestOperand operand) {
        float[] memory = new float[(int) operand.buffer().elements()];
        backend.download(operand.buffer(), 0, FloatBuffer.wrap(memory));
        Shape shape = operand.shape();
        float[] values = new float[(int) shape.elements()];
        for (int i = 0; i < values.length; i++) {
            long at = operand.layout().offset();
            int rest = i;
            for (int axis = shape.rank() - 1; axis >= 0; axis--) {
                at += rest % shape.size(axis) * operand.layout().stride(axis);
                rest /= shape.size(axis);
            }
            values[i] = memory[(int) at];
        }
        return values;
    }

    float[] read(Twin twin) {
        return read(vector, twin.vector);
    }

    /** Asserts that both backends hold the same numbers, up to {@code ulps} times the float32 precision of the largest. */
    void assertClose(String what, Twin twin, double ulps) {
        float[] actual = read(vector, twin.vector);
        float[] expected = read(scalar, twin.scalar);
        double scale = 1e-3;
        for (float value : expected) {
            scale = Float.isFinite(value) ? Math.max(scale, Math.abs(value)) : scale;
        }
        double tolerance = scale * ulps * 0x1p-24;
        for (int i = 0; i < expected.length; i++) {
            boolean same = Float.compare(actual[i], expected[i]) == 0
                    || Math.abs((double) actual[i] - expected[i]) <= tolerance;
            assertThat(same)
                    .as(
                            "%s: element %d is %s, the reference has %s, tolerance %s",
                            what, i, actual[i], expected[i], tolerance)
                    .isTrue();
        }
        assertThat(outside(vector, twin.vector))
                .as("%s: written outside the operand", what)
                .isZero();
    }

    /** Counts numbers before and behind a dense operand that are no longer poison. */
    private static int outside(Backend backend, TestOperand operand) {
        if (!operand.layout().isDense()) {
            return 0;
        }
        float[] memory = new float[(int) operand.buffer().elements()];
        backend.download(operand.buffer(), 0, FloatBuffer.wrap(memory));
        int changed = 0;
        long end = operand.layout().offset() + operand.shape().elements();
        for (int i = 0; i < memory.length; i++) {
            changed += (i < operand.layout().offset() || i >= end) && !Float.isNaN(memory[i]) ? 1 : 0;
        }
        return changed;
    }

    @Override
    public void close() {
        vector.close();
        scalar.close();
    }
}
