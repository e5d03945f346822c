package org.alborz.cuda.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.lang.management.ManagementFactory;
import java.nio.FloatBuffer;
import java.util.Map;
import org.alborz.backend.BinaryOp;
import org.alborz.backend.UnaryOp;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Pool2dParameters;
import org.alborz.type.Shape;
import org.junit.jupiter.api.Test;

/** A kernel is not launched on memory of another data type than its source declares, and a launch makes no Java object. */
final class KernelLauncherTest extends OnSoftwareGpu {
    private final Layout row = Layout.rowMajor(Shape.of(3));

    @Test
    void operandsHaveTheKernelsType() {
        TestOperand floats = operand(DType.FLOAT32, FloatBuffer.wrap(new float[] {1, 2, 3}), row);
        TestOperand doubles = operand(DType.FLOAT64, 3, row);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> backend.elementwise().unary(UnaryOp.EXP, 0, floats, doubles))
                .withMessageContaining("expects an operand of float64")
                .withMessageContaining("got one of float32");
    }

    @Test
    void indicesAreIntegers() {
        TestOperand floats = operand(DType.FLOAT32, FloatBuffer.wrap(new float[] {0, 1, 2}), row);
        TestOperand y = operand(DType.FLOAT32, 3, row);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> backend.indexing().gather(0, floats, floats, y))
                .withMessageContaining("expects an operand of int32");
    }

    @Test
    void launchesAllocateNothing() {
        Layout images = Layout.channelsLast(Shape.of(2, 3, 4, 4));
        TestOperand x = operand(DType.FLOAT32, 96, images);
        TestOperand y = operand(DType.FLOAT32, 96, images);
        TestOperand turned = new TestOperand(x.buffer(), Layout.rowMajor(Shape.of(2, 3, 4, 4)));
        TestOperand rows = operand(DType.FLOAT32, 96, Layout.rowMajor(Shape.of(8, 12)));
        Pool2dParameters windows = new Pool2dParameters(1, 1, 1, 1, 0, 0);
        backend.elementwise().fill(1, x);
        backend.elementwise().fill(1, rows);
        Map<String, Runnable> launches = Map.of(
                "dense", () -> backend.elementwise().unary(UnaryOp.RELU, 0, x, y),
                "strided", () -> backend.elementwise().binary(BinaryOp.ADD, x, turned, y),
                "rows", () -> backend.softmax().softmax(rows, rows),
                "structure", () -> backend.pooling().averageBackward(windows, x, y));
        launches.forEach((name, launch) -> assertThat(allocatedPerCall(launch))
                .as("bytes for each launch of %s", name)
                .isZero());
    }

    private static long allocatedPerCall(Runnable launch) {
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long self = Thread.currentThread().getId();
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 20 && least > 0; round++) {
            long before = threads.getThreadAllocatedBytes(self);
            for (int i = 0; i < 100; i++) {
                launch.run();
            }
            least = Math.min(least, (threads.getThreadAllocatedBytes(self) - before) / 100);
        }
        return least;
    }
}
