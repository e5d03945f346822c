package org.alborz.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.alborz.autograd.Tape;
import org.alborz.backend.BackendOptions;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Dropout of channels, of samples and for SELU nets. */
class DropoutLayersTest {
    private final Session session = Session.open("cpu-vector", BackendOptions.defaults(), DType.FLOAT32);

    @AfterEach
    void close() {
        session.close();
    }

    private static double[] train(Layer layer, Tensor x, long step) {
        try (Tape tape = new Tape(x.session())) {
            return layer.forward(x, Pass.training(tape, 7, step)).toDoubles();
        }
    }

    /** Counts the parts of so many neighbours that are 0, having checked that all of a part are alike. */
    private static int dropped(double[] y, int part, double kept) {
        int count = 0;
        for (int i = 0; i < y.length; i++) {
            assertThat(y[i]).isIn(0.0, kept).isEqualTo(y[i / part * part]);
            count += i % part == 0 && y[i] == 0 ? 1 : 0;
        }
        return count;
    }

    @Test
    void wholeChannelsAreDropped() {
        Dropout2d layer = new Dropout2d(0.5);
        Tensor x = session.ones(Shape.of(20, 50, 3, 2));
        double[] y = train(layer, x, 1);
        assertThat(dropped(y, 6, 2)).isBetween(430, 570); // of 1000, mean 500, deviation 16
        assertThat(train(layer, x, 1)).isEqualTo(y);
        assertThat(train(layer, x, 2)).isNotEqualTo(y);
        assertThat(dropped(train(layer, session.ones(Shape.of(10, 100, 4)), 1), 4, 2))
                .isBetween(430, 570);
        assertThat(layer.forward(x, Pass.evaluation())).isSameAs(x);
        assertThatThrownBy(() -> layer.forward(session.ones(Shape.of(2, 3)), Pass.evaluation()))
                .hasMessageContaining("[N, C, L, …]");
        assertThatThrownBy(() -> new Dropout2d(1)).hasMessageContaining("[0, 1), got 1.0");
    }

    @Test
    void wholeSamplesAreDropped() {
        StochasticDepth layer = new StochasticDepth(0.2);
        Tensor x = session.ones(Shape.of(1000, 3, 2)).mul(0.8);
        assertThat(dropped(train(layer, x, 1), 6, 1)).isBetween(140, 260);
        assertThat(layer.forward(x, Pass.evaluation())).isSameAs(x);
    }

    /** What is dropped is 0 where x is not finite, and has no gradient. */
    @Test
    void droppedIsZeroWhateverItWas() {
        for (double value : new double[] {Double.NaN, Double.POSITIVE_INFINITY}) {
            double[] y = train(new StochasticDepth(0.5), session.full(value, Shape.of(64, 2)), 1);
            assertThat(y).contains(0.0).contains(value);
        }
        try (Tape tape = new Tape(session)) {
            Tensor x = tape.watch(session.ones(Shape.of(64, 3, 2)));
            Tensor y = new Dropout2d(0.25).forward(x, Pass.training(tape, 7, 1));
            double[] gradient = tape.gradients(y.sum(), x).of(x).toDoubles();
            assertThat(gradient).isEqualTo(y.toDoubles());
        }
    }

    /** Klambauer et al. 2017: a normal input keeps mean 0 and variance 1; two values occur as PyTorch has them. */
    @Test
    void alphaDropoutKeepsMeanAndVariance() {
        AlphaDropout layer = new AlphaDropout(0.3);
        Tensor x = session.normal(Shape.of(100_000), 3);
        Tensor y = session.tensor(train(layer, x, 1), x.shape());
        assertThat(y.mean().item()).isCloseTo(0, within(0.02));
        assertThat(y.var().item()).isCloseTo(1, within(0.03));
        double scale = 1 / Math.sqrt((1.7580993408473766 * 1.7580993408473766 * 0.3 + 1) * 0.7);
        double shift = scale * 1.7580993408473766 * 0.3;
        double dropped = scale * -1.7580993408473766 + shift;
        int count = 0;
        for (double each : train(layer, session.ones(Shape.of(10_000)), 1)) {
            boolean isDropped = Math.abs(each - dropped) < 1e-5;
            assertThat(isDropped || Math.abs(each - scale - shift) < 1e-5).isTrue();
            count += isDropped ? 1 : 0;
        }
        assertThat(count).isBetween(2750, 3250);
        assertThat(layer.forward(x, Pass.evaluation())).isSameAs(x);
    }
}
