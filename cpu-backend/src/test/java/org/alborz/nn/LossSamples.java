package org.alborz.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.function.IntToDoubleFunction;
import java.util.function.UnaryOperator;
import org.alborz.autograd.Tape;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;

/** The tensors that the losses' golden values were computed of, with PyTorch 1.13 in float64. */
record LossSamples(Session session) {
    static final int SAMPLES = 12;
    static final int CLASSES = 4;
    static final int[] LABELS = {1, 3, 0, 1, 2, 1, 1, 0, 2, 3, 1, 0};
    static final int[] SIGNS = {1, -1, 1, -1, -1, 1, 1, -1, 1, -1, 1, -1};

    Tensor make(IntToDoubleFunction element, int... sizes) {
        double[] values = new double[(int) Shape.of(sizes).elements()];
        Arrays.setAll(values, element);
        return session.tensor(values, Shape.of(sizes));
    }

    private Tensor rows(IntToDoubleFunction element) {
        return make(element, SAMPLES, CLASSES);
    }

    Tensor scores() {
        return rows(i -> Math.sin(1.3 * (i / 4) + 0.7 * (i % 4) * (i % 4)));
    }

    Tensor others() {
        return rows(i -> Math.cos(0.9 * (i / 4) - i % 4));
    }

    Tensor further() {
        return rows(i -> Math.sin(2.9 * (i / 4) + i % 4));
    }

    /** Returns positive rows that add up to 1. */
    Tensor probabilities() {
        Tensor raw = rows(i -> 1 + Math.cos(i / 4 + 2 * (i % 4)));
        return raw.div(raw.sum(true, 1));
    }

    /** Returns 0 and 1: which scores are positive, the last row first. */
    Tensor flags() {
        return rows(i -> Math.sin(1.3 * (SAMPLES - 1 - i / 4) + 0.7 * (i % 4) * (i % 4)) > 0 ? 1 : 0);
    }

    Tensor labels(boolean padded) {
        int[] labels = LABELS.clone();
        if (padded) {
            labels[1] = -100;
            labels[5] = -100;
            labels[6] = -100;
        }
        return session.tensor(labels, Shape.of(SAMPLES));
    }

    Tensor signs() {
        return session.tensor(Arrays.stream(SIGNS).asDoubleStream().toArray(), Shape.of(SAMPLES));
    }

    /** Checks a loss and the first elements of its gradient. */
    void check(UnaryOperator<Tensor> loss, Tensor x, double expected, double... gradient) {
        try (Tape tape = new Tape(session)) {
            Tensor watched = tape.watch(x);
            Tensor mean = loss.apply(watched);
            assertThat(mean.shape().rank()).isZero();
            assertThat(mean.item()).isCloseTo(expected, within(1e-9 * Math.max(1, Math.abs(expected))));
            double[] all = tape.gradients(mean, watched).of(watched).toDoubles();
            for (int i = 0; i < gradient.length; i++) {
                assertThat(all[i])
                        .as("gradient by element %d", i)
                        .isCloseTo(gradient[i], within(1e-9 * Math.max(1, Math.abs(gradient[i]))));
            }
        }
    }
}
