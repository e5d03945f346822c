package org.alborz.cuda.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.alborz.backend.ReduceOp;
import org.alborz.cuda.driver.CudaException;
import org.alborz.type.Activation;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;
import org.junit.jupiter.api.Test;

/** Memory that an operation takes for itself goes back also where the operation fails. */
final class TemporariesTest extends OnSoftwareGpu {
    private static final int INVALID_VALUE = 1;

    private void failsWithoutALeak(Class<? extends Throwable> type, Runnable operation) {
        long before = backend.memory().buffers();
        assertThatThrownBy(operation::run).isInstanceOf(type);
        assertThat(backend.memory().buffers()).isEqualTo(before);
    }

    @Test
    void ofAScatterOverTooManyAxes() {
        int axes = 10;
        int[] sizes = IntStream.range(0, axes).map(i -> 2).toArray();
        long[] gaps = LongStream.iterate(1, s -> s * 3).limit(axes).toArray();
        TestOperand x = operand(DType.FLOAT16, 60_000, Layout.of(Shape.of(sizes), gaps, 0));
        TestOperand y = operand(DType.FLOAT16, 1 << axes, Layout.rowMajor(Shape.of(sizes)));
        TestOperand indices = integers(0, 1);
        failsWithoutALeak(
                IllegalArgumentException.class, () -> backend.indexing().scatterAdd(0, x, indices, y));
    }

    @Test
    void ofAReductionInParts() {
        TestOperand x = operand(DType.FLOAT32, 1 << 16, Layout.rowMajor(Shape.of(1, 1 << 16)));
        TestOperand y = operand(DType.FLOAT32, 1, Layout.rowMajor(Shape.of(1, 1)));
        for (int launch = 1; launch <= 2; launch++) {
            device.inject("cuLaunchKernel", launch, INVALID_VALUE);
            failsWithoutALeak(CudaException.class, () -> backend.reductions().reduce(ReduceOp.SUM, x, y));
        }
        TestOperand columns = operand(DType.FLOAT32, 1 << 16, Layout.rowMajor(Shape.of(1 << 13, 8)));
        TestOperand row = operand(DType.FLOAT32, 8, Layout.rowMajor(Shape.of(1, 8)));
        for (int launch = 1; launch <= 2; launch++) {
            device.inject("cuLaunchKernel", launch, INVALID_VALUE);
            failsWithoutALeak(CudaException.class, () -> backend.reductions().reduce(ReduceOp.SUM, columns, row));
        }
    }

    @Test
    void ofABatchNorm() {
        TestOperand x = operand(DType.FLOAT32, 24, Layout.channelsLast(Shape.of(2, 3, 2, 2)));
        TestOperand y = operand(DType.FLOAT32, 24, x.layout());
        TestOperand c = operand(DType.FLOAT32, 3, Layout.rowMajor(Shape.of(3)));
        for (int launch = 1; launch <= 2; launch++) {
            device.inject("cuLaunchKernel", launch, INVALID_VALUE);
            failsWithoutALeak(CudaException.class, () -> {
                backend.normalization().batchNorm(1e-5, x, c, c, null, Activation.NONE, y, c, c);
                backend.synchronize(); // the last launch is kept back until then
            });
            device.inject("cuLaunchKernel", launch, INVALID_VALUE);
            failsWithoutALeak(
                    CudaException.class,
                    () -> backend.normalization()
                            .batchNormBackward(1e-5, x, c, c, c, Activation.NONE, null, y, y, c, c, null));
        }
    }
}
