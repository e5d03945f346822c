package org.alborz.cuda.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.Buffer;
import java.nio.IntBuffer;
import org.alborz.backend.Operand;
import org.alborz.cuda.CudaBackend;
import org.alborz.cuda.SoftwareGpu;
import org.alborz.softwarecuda.SoftwareDevice;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;
import org.junit.jupiter.api.AfterEach;

/** A backend on the software GPU, for one test; nothing may be left of it. */
abstract class OnSoftwareGpu {
    final SoftwareDevice device = SoftwareGpu.device();
    final CudaBackend backend = SoftwareGpu.open();

    /** A place of some layout in memory of its own. */
    record TestOperand(org.alborz.backend.Buffer buffer, Layout layout) implements Operand {}

    @AfterEach
    void nothingIsLeft() {
        backend.close();
        assertThat(device.leaks()).isEmpty();
    }

    TestOperand operand(DType dtype, long elements, Layout layout) {
        return new TestOperand(backend.allocate(dtype, elements), layout);
    }

    /** Uploads values, in the order of the memory. */
    TestOperand operand(DType dtype, Buffer values, Layout layout) {
        TestOperand operand = operand(dtype, values.remaining(), layout);
        backend.upload(values, operand.buffer(), 0);
        return operand;
    }

    TestOperand integers(int... values) {
        return operand(DType.INT32, IntBuffer.wrap(values), Layout.rowMajor(Shape.of(values.length)));
    }
}
