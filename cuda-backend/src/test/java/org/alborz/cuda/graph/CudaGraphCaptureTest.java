package org.alborz.cuda.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import org.alborz.backend.Buffer;
import org.alborz.backend.CapturedGraph;
import org.alborz.backend.Operand;
import org.alborz.cuda.CudaBackend;
import org.alborz.cuda.SoftwareGpu;
import org.alborz.cuda.driver.CudaException;
import org.alborz.cuda.memory.UploadSlots;
import org.alborz.softwarecuda.SoftwareDevice;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;
import org.junit.jupiter.api.Test;

/** Captured graphs are given back whatever fails. */
final class CudaGraphCaptureTest {
    private static final int LAUNCH_FAILED = 719;

    private final SoftwareDevice device = SoftwareGpu.device();
    private final CudaBackend backend = SoftwareGpu.open();

    private record TestOperand(Buffer buffer, Layout layout) implements Operand {}

    /** Fills as many tensors of their own, so that as many captures find memory. */
    private void fill(int tensors) {
        Buffer buffer = backend.allocate(DType.FLOAT32, 1000);
        backend.elementwise().fill(1, new TestOperand(buffer, Layout.rowMajor(Shape.of(1000))));
        if (tensors > 1) {
            fill(tensors - 1);
        }
        backend.free(buffer);
    }

    private CapturedGraph capture() {
        return backend.graphCapture().orElseThrow().capture(() -> fill(1));
    }

    @Test
    void aRecordThatIsClosedWhileTheDeviceFailsIsGivenBack() {
        fill(1);
        CapturedGraph graph = capture();
        device.inject("cuStreamSynchronize", 1, LAUNCH_FAILED);
        assertThatThrownBy(graph::close).isInstanceOf(CudaException.class);
        assertThat(backend.memory().pooled())
                .as("what it used, kept for others")
                .isEqualTo(4096);
        backend.close();
        assertThat(device.leaks()).isEmpty();
    }

    @Test
    void oneRecordThatCannotBeClosedDoesNotKeepTheOthersOpen() {
        fill(2);
        capture();
        capture();
        // The first wait is the backend's own.
        device.inject("cuStreamSynchronize", 2, LAUNCH_FAILED);
        device.inject("cuGraphExecDestroy", 1, LAUNCH_FAILED);
        assertThatThrownBy(backend::close)
                .isInstanceOf(CudaException.class)
                .satisfies(e -> assertThat(e.getSuppressed()).isNotEmpty());
        assertThat(device.leaks()).isEmpty();
    }

    /** The event that is behind what reads a slot would be the graph's. */
    @Test
    void uploadedMemoryIsNotGivenBackInACapture() {
        Buffer uploaded = backend.allocate(DType.UINT8, ByteBuffer.allocate(UploadSlots.FEWEST_BYTES));
        assertThatThrownBy(() -> backend.graphCapture().orElseThrow().capture(() -> backend.free(uploaded)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("close it after the capture");
        backend.free(uploaded);
        assertThat(backend.memory().used()).isZero();
        capture().close();
        backend.close();
        assertThat(device.leaks()).isEmpty();
    }
}
