package org.alborz.cuda.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import org.alborz.backend.GeluGradient;
import org.alborz.backend.ReduceOp;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;
import org.junit.jupiter.api.Test;

/** The launch that computes GELU's gradient sums its columns, where nothing comes in between. */
final class GeluBiasTest extends OnSoftwareGpu {
    private static final Shape SHAPE = Shape.of(3, 4);
    private static final Shape COLUMNS = Shape.of(1, 4);

    private final TestOperand x = floats(SHAPE, 1, -2, 3, 0, 0.5f, -0.25f, 7, -8, 0.125f, -1, 2, -0.5f);
    private final TestOperand dy = floats(SHAPE, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
    private final TestOperand dx = floats(SHAPE, new float[12]);
    private final TestOperand sums = floats(COLUMNS, new float[4]);
    private final List<String> works = new ArrayList<>();

    private TestOperand floats(Shape shape, float... values) {
        return operand(DType.FLOAT32, FloatBuffer.wrap(values), Layout.rowMajor(shape));
    }

    private float[] download(TestOperand of) {
        float[] values = new float[(int) of.buffer().elements()];
        backend.download(of.buffer(), 0, FloatBuffer.wrap(values));
        return values;
    }

    private void gradient(TestOperand of) {
        backend.observe(null);
        backend.synchronize();
        works.clear();
        backend.observe(work -> works.add(work.name()));
        backend.fusion(GeluGradient.class).orElseThrow().apply(of, x, dx);
    }

    private void sum(ReduceOp op, TestOperand of, TestOperand into) {
        backend.reductions().reduce(op, of, into);
    }

    private static float[] columns(float[] values) {
        float[] sums = new float[4];
        for (int i = 0; i < values.length; i++) {
            sums[i % 4] += values[i];
        }
        return sums;
    }

    @Test
    void theSumsJoin() {
        gradient(dy);
        float[] apart = download(dx);
        gradient(dy);
        sum(ReduceOp.SUM, dx, sums);
        assertThat(works).containsExactly("gelu_backward_bias");
        assertThat(download(dx)).containsExactly(apart);
        assertThat(download(sums)).containsExactly(columns(apart));
    }

    @Test
    void otherReductionsComeAfterIt() {
        gradient(dy);
        float[] apart = download(dx);
        gradient(dy);
        sum(ReduceOp.MAX, dx, sums);
        gradient(dy);
        sum(ReduceOp.SUM, dy, sums);
        assertThat(works).first().isEqualTo("gelu_backward");
        assertThat(download(sums)).containsExactly(15, 18, 21, 24);
        TestOperand rows = floats(Shape.of(3, 1), new float[3]);
        gradient(dy);
        sum(ReduceOp.SUM, dx, rows);
        assertThat(works).first().isEqualTo("gelu_backward");
        assertThat(download(rows)[0]).isEqualTo(apart[0] + apart[1] + apart[2] + apart[3]);
    }

    /** What the launch reads may be given back while it is kept, and its memory be that of the sums. */
    @Test
    void theGradientIsReadBeforeItsMemoryIsWritten() {
        gradient(dy);
        float[] apart = download(dx);
        gradient(dy);
        sum(ReduceOp.SUM, dx, new TestOperand(dy.buffer(), Layout.rowMajor(COLUMNS)));
        assertThat(works).first().isEqualTo("gelu_backward");
        assertThat(works).doesNotContain("gelu_backward_bias");
        assertThat(download(dx)).containsExactly(apart);
        assertThat(download(dy)).startsWith(columns(apart));
    }
}
