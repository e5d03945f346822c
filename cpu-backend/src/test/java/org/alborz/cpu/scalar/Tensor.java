package org.alborz.cpu.scalar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.alborz.backend.Operand;
import org.alborz.cpu.memory.CpuBuffer;
import org.alborz.cpu.memory.MemoryPool;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/** An operand in poisoned memory: whatever nobody wrote is NaN, or the smallest int32. */
record Tensor(CpuBuffer buffer, Layout layout) implements Operand {
    /** Makes a tensor of undefined content. */
    static Tensor undefined(DType dtype, Layout layout) {
        long extent = layout.offset() + 1;
        for (int axis = 0; axis < layout.shape().rank(); axis++) {
            extent += Math.max(0, layout.shape().size(axis) - 1) * layout.stride(axis);
        }
        return new Tensor(new MemoryPool(true).allocate(dtype, extent), layout);
    }

    static Tensor undefined(DType dtype, int... sizes) {
        return undefined(dtype, Layout.rowMajor(Shape.of(sizes)));
    }

    /** Makes a tensor of the given elements, which come in row-major order whatever the layout. */
    static Tensor of(DType dtype, Layout layout, double... values) {
        Tensor tensor = undefined(dtype, layout);
        assertThat(values).hasSize((int) layout.shape().elements());
        for (int i = 0; i < values.length; i++) {
            tensor.buffer.set(tensor.place(i), values[i]);
        }
        return tensor;
    }

    /** Makes a row-major vector. */
    static Tensor vector(DType dtype, double... values) {
        return of(dtype, Layout.rowMajor(Shape.of(values.length)), values);
    }

    /** Makes a tensor of numbers from -1 to 1 that float32 holds exactly. */
    static Tensor random(DType dtype, Layout layout, Random random) {
        double[] values = random.doubles(layout.shape().elements())
                .map(u -> Math.round((2 * u - 1) * 1024) / 1024.0)
                .toArray();
        return of(dtype, layout, values);
    }

    /** Returns another view of the same memory. */
    Tensor view(Layout other) {
        return new Tensor(buffer, other);
    }

    double[] values() {
        double[] values = new double[(int) layout.shape().elements()];
        for (int i = 0; i < values.length; i++) {
            values[i] = buffer.get(place(i));
        }
        return values;
    }

    double get(int... index) {
        long at = layout.offset();
        for (int axis = 0; axis < index.length; axis++) {
            at += index[axis] * layout.stride(axis);
        }
        return buffer.get((int) at);
    }

    /** Holds that the elements are those given, to a few units in the last place. */
    void assertValues(double... expected) {
        double[] values = values();
        assertThat(values).hasSize(expected.length);
        double relative = buffer.dtype() == DType.FLOAT32 ? 1.2e-7 : 1e-15;
        for (int i = 0; i < expected.length; i++) {
            if (Double.isFinite(expected[i])) {
                assertThat(values[i])
                        .as("element " + i)
                        .isCloseTo(expected[i], within(relative * Math.abs(expected[i])));
            } else {
                assertThat((Double) values[i]).as("element " + i).isEqualTo((Double) expected[i]);
            }
        }
    }

    void assertClose(double[] expected, double tolerance) {
        assertThat(values()).containsExactly(expected, within(tolerance));
    }

    private int place(int i) {
        long at = layout.offset();
        for (int axis = layout.shape().rank() - 1; axis >= 0; axis--) {
            int size = layout.shape().size(axis);
            at += i % size * layout.stride(axis);
            i /= size;
        }
        return (int) at;
    }
}
