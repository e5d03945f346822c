package org.alborz.cuda.ops;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.FloatBuffer;
import org.alborz.backend.UnaryOp;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;
import org.junit.jupiter.api.Test;

/** A kernel is not launched on memory of another data type than its source declares. */
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
}
