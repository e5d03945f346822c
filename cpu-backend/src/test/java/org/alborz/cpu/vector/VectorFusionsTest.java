package org.alborz.cpu.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.DoubleBuffer;
import org.alborz.backend.AdamStep;
import org.alborz.backend.DropoutMask;
import org.alborz.backend.SgdStep;
import org.alborz.backend.SoftmaxCrossEntropy;
import org.alborz.cpu.vector.Pair.TestOperand;
import org.alborz.cpu.vector.Pair.Twin;
import org.alborz.random.RandomKey;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The fused operations against their formulas. */
final class VectorFusionsTest {
    private static final int ELEMENTS = 20_003;
    private static final Offset<Float> CLOSE = Offset.offset(1e-6f);

    @ParameterizedTest
    @CsvSource({"false, 0", "false, 0.1", "true, 0.1"})
    void adamFollowsItsFormula(boolean decoupled, double decay) {
        AdamStep.Parameters p = AdamStep.Parameters.of(0.01, 0.9, 0.999, 1e-8, decay, decoupled, 3);
        try (Pair pair = new Pair(2)) {
            Layout layout = Layout.rowMajor(Shape.of(ELEMENTS));
            Twin value = pair.random(layout);
            Twin gradient = pair.random(layout);
            Twin m = pair.random(layout);
            Twin v = pair.random(layout);
            pair.vector.elementwise().binary(org.alborz.backend.BinaryOp.MULTIPLY, v.vector(), v.vector(), v.vector());
            float[] x0 = pair.read(value);
            float[] g0 = pair.read(gradient);
            float[] m0 = pair.read(m);
            float[] v0 = pair.read(v);
            pair.vector
                    .fusion(AdamStep.class)
                    .orElseThrow()
                    .step(p, value.vector(), gradient.vector(), m.vector(), v.vector());
            float[] x1 = pair.read(value);
            float[] m1 = pair.read(m);
            for (int i = 0; i < ELEMENTS; i++) {
                double g = g0[i] + (decoupled ? 0 : decay * x0[i]);
                double mean = 0.9 * m0[i] + (1 - 0.9) * g;
                double square = 0.999 * v0[i] + (1 - 0.999) * g * g;
                double x = decoupled ? x0[i] - 0.01 * decay * x0[i] : x0[i];
                x -= 0.01 * (mean / (1 - Math.pow(0.9, 3))) / (Math.sqrt(square / (1 - Math.pow(0.999, 3))) + 1e-8);
                // A moment near zero makes a step of many times the learning rate, and rounds in proportion.
                assertThat(x1[i]).as("value %d", i).isCloseTo((float) x, Offset.offset((float)
                        (1e-6 + 1e-5 * Math.abs(x - x0[i]))));
                assertThat(m1[i]).as("moment %d", i).isCloseTo((float) mean, CLOSE);
            }
            assertThat(pair.read(gradient)).isEqualTo(g0);
        }
    }

    @ParameterizedTest
    @CsvSource({"0, false", "0.9, false", "0.9, true"})
    void sgdFollowsItsFormula(double momentum, boolean nesterov) {
        SgdStep.Parameters p = new SgdStep.Parameters(0.1, momentum, 0.05, nesterov);
        try (Pair pair = new Pair(2)) {
            Layout layout = Layout.rowMajor(Shape.of(ELEMENTS));
            Twin value = pair.random(layout);
            Twin gradient = pair.random(layout);
            Twin velocity = pair.random(layout);
            float[] x0 = pair.read(value);
            float[] g0 = pair.read(gradient);
            float[] v0 = pair.read(velocity);
            pair.vector
                    .fusion(SgdStep.class)
                    .orElseThrow()
                    .step(p, value.vector(), gradient.vector(), momentum == 0 ? null : velocity.vector());
            float[] x1 = pair.read(value);
            for (int i = 0; i < ELEMENTS; i++) {
                double g = g0[i] + 0.05 * x0[i];
                double v = momentum * v0[i] + g;
                assertThat(x1[i]).isCloseTo((float) (x0[i] - 0.1 * (nesterov ? g + momentum * v : v)), CLOSE);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.25, 0.1, 0.999})
    void dropoutKeepsWhatTheUniformNumbersKeep(double rate) {
        RandomKey key = new RandomKey(0x1234_5678_9abc_def0L, -7, 0xffff_fffdL);
        try (Pair pair = new Pair(2)) {
            Layout layout = Layout.rowMajor(Shape.of(ELEMENTS));
            Twin x = pair.random(layout);
            Twin y = pair.empty(layout);
            Twin u = pair.empty(layout);
            pair.scalar.randomFill().uniform(key, u.scalar());
            pair.vector.fusion(DropoutMask.class).orElseThrow().apply(key, rate, x.vector(), y.vector());
            float[] uniform = Pair.read(pair.scalar, u.scalar());
            float[] in = pair.read(x);
            float[] out = pair.read(y);
            for (int i = 0; i < ELEMENTS; i++) {
                double expected = uniform[i] >= rate ? in[i] / (1 - rate) : 0;
                assertThat((double) out[i])
                        .as("element %d", i)
                        .isCloseTo(expected, Offset.offset(Math.abs(expected) * 2e-7));
            }
        }
    }

    @Test
    void fusionsComputeFloat64Too() {
        try (Pair pair = new Pair(2)) {
            Layout layout = Layout.rowMajor(Shape.of(5));
            TestOperand[] operands = new TestOperand[4];
            for (int i = 0; i < 4; i++) {
                operands[i] = pair.empty(DType.FLOAT64, layout).vector();
                pair.vector.elementwise().fill(0.5, operands[i]);
            }
            pair.vector
                    .fusion(AdamStep.class)
                    .orElseThrow()
                    .step(
                            AdamStep.Parameters.of(0.01, 0.9, 0.999, 1e-8, 0, false, 1),
                            operands[0],
                            operands[1],
                            operands[2],
                            operands[3]);
            double[] value = new double[1];
            pair.vector.download(operands[0].buffer(), 3, DoubleBuffer.wrap(value));
            double square = 0.999 * 0.5 + (1 - 0.999) * 0.25;
            assertThat(value[0])
                    .isCloseTo(
                            0.5 - 0.01 * (0.5 / (1 - 0.9)) / (Math.sqrt(square / (1 - 0.999)) + 1e-8),
                            Offset.offset(1e-14));
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 1, 0", "5, 10, 0", "700, 3, 0.1", "3, 1000, 0.2"})
    void crossEntropyFollowsItsFormula(int rows, int classes, double smoothing) {
        try (Pair pair = new Pair(2)) {
            Twin logits = pair.random(Layout.rowMajor(Shape.of(rows, classes)));
            Twin labels = pair.labels(rows, classes);
            Twin losses = pair.empty(Layout.rowMajor(Shape.of(rows)));
            Twin dlosses = pair.random(Layout.rowMajor(Shape.of(rows)));
            Twin dlogits = pair.empty(Layout.rowMajor(Shape.of(rows, classes)));
            Twin log = pair.empty(Layout.rowMajor(Shape.of(rows, classes)));
            Twin hot = pair.empty(Layout.rowMajor(Shape.of(rows, classes)));
            SoftmaxCrossEntropy fused =
                    pair.vector.fusion(SoftmaxCrossEntropy.class).orElseThrow();
            fused.forward(smoothing, logits.vector(), labels.vector(), losses.vector());
            fused.backward(smoothing, logits.vector(), labels.vector(), dlosses.vector(), dlogits.vector());
            pair.scalar.softmax().logSoftmax(logits.scalar(), log.scalar());
            pair.scalar.indexing().oneHot(labels.scalar(), hot.scalar());
            float[] logSoftmax = Pair.read(pair.scalar, log.scalar());
            float[] oneHot = Pair.read(pair.scalar, hot.scalar());
            float[] upstream = pair.read(dlosses);
            float[] actualLosses = pair.read(losses);
            float[] actualGradients = pair.read(dlogits);
            for (int row = 0; row < rows; row++) {
                double loss = 0;
                for (int c = 0; c < classes; c++) {
                    int i = row * classes + c;
                    double target = (1 - smoothing) * oneHot[i] + smoothing / classes;
                    loss -= target * logSoftmax[i];
                    assertThat(actualGradients[i])
                            .isCloseTo((float) ((Math.exp(logSoftmax[i]) - target) * upstream[row]), CLOSE);
                }
                assertThat(actualLosses[row]).isCloseTo((float) loss, Offset.offset(1e-5f));
            }
        }
    }

    @Test
    void crossEntropyRefusesAWrongLabel() {
        try (Pair pair = new Pair(1)) {
            Twin logits = pair.random(Layout.rowMajor(Shape.of(2, 3)));
            Twin labels = pair.labels(2, 1);
            pair.vector.upload(
                    java.nio.IntBuffer.wrap(new int[] {0, 7}), labels.vector().buffer(), 3);
            Twin losses = pair.empty(Layout.rowMajor(Shape.of(2)));
            assertThatThrownBy(() -> pair.vector
                            .fusion(SoftmaxCrossEntropy.class)
                            .orElseThrow()
                            .forward(0, logits.vector(), labels.vector(), losses.vector()))
                    .isInstanceOf(IndexOutOfBoundsException.class)
                    .hasMessageContaining("Label 7 of row 1");
        }
    }
}
