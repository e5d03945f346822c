package org.alborz.cuda.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import org.alborz.backend.BinaryOp;
import org.alborz.backend.UnaryOp;
import org.alborz.type.Activation;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;
import org.junit.jupiter.api.Test;

/** The launch that adds a product's bias computes GELU of the sums, or adds to them, where nothing comes in between. */
final class BiasThenTest extends OnSoftwareGpu {
    private static final Shape SHAPE = Shape.of(3, 4);
    private static final float[] SUMS = {
        1.5f, -2.25f, 3.5f, 0.5f, 5.5f, -6.25f, 7.5f, -7.5f, 9.5f, -10.25f, 11.5f, -11.5f
    };

    private final TestOperand factor = floats(SHAPE, 1, -2, 3, 0, 5, -6, 7, -8, 9, -10, 11, -12);
    private final TestOperand unit = floats(Shape.of(4, 4), 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1);
    private final TestOperand bias = floats(Shape.of(4), 0.5f, -0.25f, 0.5f, 0.5f);
    private final TestOperand z = floats(SHAPE, new float[12]);
    private final TestOperand y = floats(SHAPE, new float[12]);
    private final TestOperand other = floats(SHAPE, 100, 200, 300, 400, 500, 600, 700, 800, 900, 1000, 1100, 1200);
    private final List<String> works = new ArrayList<>();

    private TestOperand floats(Shape shape, float... values) {
        return operand(DType.FLOAT32, FloatBuffer.wrap(values), Layout.rowMajor(shape));
    }

    private float[] download(TestOperand of) {
        float[] values = new float[(int) of.buffer().elements()];
        backend.download(of.buffer(), 0, FloatBuffer.wrap(values));
        return values;
    }

    private void multiply() {
        backend.observe(work -> works.add(work.name()));
        backend.matMul().multiply(factor, unit, bias, Activation.NONE, z);
    }

    @Test
    void geluJoins() {
        multiply();
        backend.elementwise().unary(UnaryOp.GELU, 0, z, y);
        assertThat(works).containsExactly("product", "bias_then");
        float[] together = download(y);
        assertThat(download(z)).containsExactly(SUMS);
        backend.elementwise().unary(UnaryOp.GELU, 0, z, y);
        assertThat(download(y)).containsExactly(together);
        assertThat(works).contains("unary");
    }

    @Test
    void anAdditionJoinsFromEitherSide() {
        for (boolean first : new boolean[] {true, false}) {
            works.clear();
            multiply();
            backend.elementwise().binary(BinaryOp.ADD, first ? z : other, first ? other : z, y);
            assertThat(works).containsExactly("product", "bias_then");
            float[] sums = download(y);
            assertThat(download(z)).containsExactly(SUMS);
            for (int i = 0; i < sums.length; i++) {
                assertThat(sums[i]).isEqualTo(SUMS[i] + 100 * (i + 1));
            }
        }
    }

    /** The bias may be given back while its launch is kept, and its memory be the result's. */
    @Test
    void theBiasIsReadBeforeItsMemoryIsWritten() {
        multiply();
        backend.elementwise().unary(UnaryOp.GELU, 0, z, y);
        float[] expected = download(y);
        TestOperand result = floats(SHAPE, 0.5f, -0.25f, 0.5f, 0.5f, 0, 0, 0, 0, 0, 0, 0, 0);
        TestOperand inItsMemory = new TestOperand(result.buffer(), Layout.rowMajor(Shape.of(4)));
        backend.matMul().multiply(factor, unit, inItsMemory, Activation.NONE, z);
        works.clear();
        backend.elementwise().unary(UnaryOp.GELU, 0, z, result);
        assertThat(works).containsExactly("bias", "unary");
        assertThat(download(result)).containsExactly(expected);
        assertThat(download(z)).containsExactly(SUMS);
    }

    @Test
    void whatReadsTheSumsTwiceOrOtherwiseComesAfterTheBias() {
        multiply();
        backend.elementwise().binary(BinaryOp.ADD, z, z, y);
        assertThat(download(y)).startsWith(3, -4.5f, 7).endsWith(-23);
        multiply();
        backend.elementwise().binary(BinaryOp.MULTIPLY, z, other, y);
        assertThat(download(y)).startsWith(150, -450);
        multiply();
        backend.elementwise().unary(UnaryOp.GELU, 0, other, y);
        assertThat(download(z)).containsExactly(SUMS);
        assertThat(download(y)).startsWith(100, 200);
        assertThat(works).doesNotContain("bias_then");
    }
}
