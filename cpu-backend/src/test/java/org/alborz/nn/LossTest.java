package org.alborz.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.alborz.autograd.Tape;
import org.alborz.backend.BackendOptions;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Losses and their gradients are those of PyTorch 2.13. */
class LossTest {
    private static final int SAMPLES = 12;
    private static final int[] LABELS = {1, 3, 0, 1, 2, 1, 1, 0, 2, 3, 1, 0};

    private final Session session = Session.open("cpu-scalar", BackendOptions.defaults(), DType.FLOAT64);

    @AfterEach
    void close() {
        session.close();
    }

    private Tensor scores() {
        double[] values = new double[SAMPLES * 4];
        Arrays.setAll(values, i -> Math.sin(1.3 * (i / 4) + 0.7 * (i % 4) * (i % 4)));
        return session.tensor(values, Shape.of(SAMPLES, 4));
    }

    private Tensor labels(boolean padded) {
        int[] labels = LABELS.clone();
        if (padded) {
            labels[1] = -100;
            labels[5] = -100;
            labels[6] = -100;
        }
        return session.tensor(labels, Shape.of(SAMPLES));
    }

    /** Checks a loss and rows of its gradient. */
    private void check(Loss loss, Tensor output, Tensor target, double expected, int row, double... gradient) {
        try (Tape tape = new Tape(session)) {
            Tensor watched = tape.watch(output);
            Tensor mean = loss.of(watched, target);
            assertThat(mean.item()).isCloseTo(expected, within(1e-9));
            double[] all = tape.gradients(mean, watched).of(watched).toDoubles();
            for (int i = 0; i < gradient.length; i++) {
                assertThat(all[row * gradient.length + i]).isCloseTo(gradient[i], within(1e-9));
            }
        }
    }

    @Test
    void crossEntropy() {
        check(
                Loss.crossEntropy(),
                scores(),
                labels(false),
                1.1448001575411852,
                0,
                0.015665996726683208,
                -0.05349749685965131,
                0.021899869987410798,
                0.01593163014555731);
        check(Loss.crossEntropy().ignoreIndex(-100), scores(), labels(true), 1.1494558912625896, 1, 0, 0, 0, 0);
        check(
                Loss.crossEntropy().ignoreIndex(2),
                scores(),
                labels(false),
                1.2767798989833106,
                1,
                0.03205246316916847,
                0.03035961513621346,
                0.005395356832644331,
                -0.06780743513802624);
        check(
                Loss.crossEntropy().classWeights(1, 2, 0.5, 3),
                scores(),
                labels(false),
                1.3123279267893815,
                0,
                0.018799196072019853,
                -0.06419699623158158,
                0.02627984398489296,
                0.019117956174668774);
        check(
                Loss.crossEntropy().classWeights(1, 2, 0.5, 3).ignoreIndex(-100),
                scores(),
                labels(true),
                1.4098558563475219,
                0,
                0.02892184011079977,
                -0.09876460958704858,
                0.040430529207527634,
                0.02941224026872119);
        check(
                Loss.crossEntropy(0.1).ignoreIndex(-100),
                scores(),
                labels(true),
                1.190395088373649,
                0,
                0.018110217857799836,
                -0.06299666247953509,
                0.026422048872103292,
                0.018464395749631976);
    }

    /** Sequences are as many samples as they have places. */
    @Test
    void crossEntropyOverAnyLeadingAxes() {
        for (CrossEntropyLoss loss :
                new CrossEntropyLoss[] {Loss.crossEntropy(), Loss.crossEntropy().ignoreIndex(-100)}) {
            boolean padded = loss.targetKind().ignores(-100);
            double flat = loss.of(scores(), labels(padded)).item();
            assertThat(loss.of(scores().reshape(3, 4, 4), labels(padded).reshape(3, 4))
                            .item())
                    .isCloseTo(flat, within(1e-12));
        }
        assertThat(Loss.crossEntropy()
                        .ignoreIndex(-100)
                        .weight(scores(), labels(true))
                        .item())
                .isEqualTo(9);
        assertThatThrownBy(() -> Loss.crossEntropy().of(scores().reshape(3, 4, 4), labels(false)))
                .hasMessageContainingAll("[3, 4, 4]", "[12] int32");
        assertThatThrownBy(() -> Loss.crossEntropy().classWeights(1, 2).of(scores(), labels(false)))
                .hasMessageContaining("each of 4 classes, got 2");
        assertThatThrownBy(() -> Loss.crossEntropy().classWeights(1, -2)).hasMessageContaining("at least 0");
    }

    @Test
    void binaryCrossEntropy() {
        double[] values = new double[SAMPLES];
        Arrays.setAll(values, i -> 1.5 * Math.sin(2.1 * i) + 0.4 * Math.cos(5 * i));
        values[3] = 0;
        values[4] = 60;
        values[5] = -60;
        Tensor logits = session.tensor(values, Shape.of(SAMPLES, 1));
        Tensor target = session.tensor(new int[] {1, 0, 1, 1, 0, 0, 1, 0, 0, 1, 0, 0}, Shape.of(SAMPLES));
        BinaryCrossEntropyLoss loss = Loss.binaryCrossEntropy();
        check(loss, logits, target, 5.777875921127918, 3, -0.041666666666666664);
        check(loss, logits, target, 5.777875921127918, 4, 0.08333333333333333);
        check(loss, logits, target, 5.777875921127918, 0, -0.033442694990629);
        check(loss.positiveWeight(2.5), logits, target, 6.3060072728730825, 3, -0.10416666666666667);
        check(loss.positiveWeight(2.5), logits, target, 6.3060072728730825, 0, -0.0836067374765725);
        assertThatThrownBy(() -> loss.positiveWeight(0)).hasMessageContaining("above 0, got 0.0");
        assertThatThrownBy(() -> loss.of(scores(), target)).hasMessageContaining("expects targets [12, 4]");
    }

    @Test
    void differences() {
        Tensor output = scores().narrow(1, 0, 2);
        Tensor target = scores().narrow(1, 2, 2).mul(2);
        check(Loss.mse(), output, target, 2.6577121302083184, 0, -0.05583135835931752, 0.05088249052241611);
        check(Loss.mse(), output, target, 2.6577121302083184, 3, -0.12478883336809755, 0.03383819762946834);
        check(Loss.mae(), output, target, 1.3657913995089312, 3, -1 / 24.0, 1 / 24.0);
        check(Loss.huber(0.7), output, target, 0.7345354990827664, 0, -0.02791567917965876, 0.025441245261208056);
        check(Loss.huber(0.7), output, target, 0.7345354990827664, 3, -0.7 / 24, 0.01691909881473417);
        assertThatThrownBy(() -> Loss.huber(0)).hasMessageContaining("above 0, got 0.0");
    }

    @Test
    void axesOfOneDoNotMatter() {
        Tensor output = session.tensor(new double[] {1, 2, 4}, Shape.of(3, 1));
        Tensor target = session.tensor(new double[] {1, 1, 1}, Shape.of(3));
        assertThat(Loss.mse().of(output, target).item()).isCloseTo(10 / 3.0, within(1e-12));
        assertThat(Targets.alike(Shape.of(3, 1, 2), Shape.of(3, 2, 1))).isTrue();
        assertThat(Targets.alike(Shape.of(3, 2), Shape.of(2, 3))).isFalse();
        assertThat(Targets.alike(Shape.of(3), Shape.of(3, 3))).isFalse();
        assertThat(Targets.alike(Shape.of(1), Shape.scalar())).isTrue();
    }
}
