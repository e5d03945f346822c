package org.alborz.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.alborz.checkpoint.Checkpoint;
import org.alborz.data.ArrayDataset;
import org.alborz.data.DataLoader;
import org.alborz.nn.Linear;
import org.alborz.nn.Model;
import org.alborz.optim.Schedule;
import org.alborz.optim.Sgd;
import org.alborz.tensor.Session;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReduceLROnPlateauTest {
    @TempDir
    Path directory;

    private static double[] factors(ReduceLROnPlateau plateau, double... values) {
        double[] factors = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            plateau.onEpochEnd(null, new EpochResult(i + 1, values[i], Map.of(), null, 1, 1));
            factors[i] = plateau.learningRateFactor();
        }
        return factors;
    }

    /** Expected: the learning rates of PyTorch 2.13's class with {@code threshold_mode='abs', eps=0} and an {@code lr} of 1. */
    @Test
    void asPyTorch() {
        ReduceLROnPlateau plateau = new ReduceLROnPlateau(Monitor.min("loss"), 2).factor(0.5);
        assertThat(factors(plateau, 5, 4, 4, 4, 4, 3, 3, 3, 3, 3, 3, 3, 2))
                .containsExactly(1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.125, 0.125);
        ReduceLROnPlateau most = new ReduceLROnPlateau(Monitor.max("loss"), 0)
                .minDelta(0.5)
                .cooldown(2)
                .least(0.05);
        assertThat(factors(most, 1, 1.4, 1.6, 1.6, 1.6, 1.6, 1.6, 1.6, 1.6, 9, 9))
                .containsExactly(1, 0.1, 0.1, 0.1, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05);
        assertThat(factors(new ReduceLROnPlateau(Monitor.min("loss"), 0), Double.NaN, Double.NaN)[1])
                .isCloseTo(0.01, within(1e-15));
    }

    private static Trainer trainer(Model model, ReduceLROnPlateau plateau) {
        return Trainer.regression(model, new Sgd(0.1))
                .schedule(Schedule.exponential(0.1))
                .callback(plateau)
                .build();
    }

    /** The rate is the schedule's times the callback's, and a resumed run goes on to the same bits. */
    @Test
    void aResumedRunKeepsTheReducedRate() {
        Path file = directory.resolve("run.safetensors");
        DataLoader data = DataLoader.of(ArrayDataset.of(new float[][] {{1}, {2}}, new float[] {1, 2}), 2)
                .build();
        Monitor never = Monitor.max("loss"); // it falls
        try (Session session = Session.open("cpu-vector");
                Model straight = Model.create(session, new Linear(1, 1), 1);
                Model resumed = Model.create(session, new Linear(1, 1), 1)) {
            Trainer whole = trainer(straight, new ReduceLROnPlateau(never, 1));
            whole.fit(data, 3);
            Checkpoint.save(file, whole, Map.of());
            assertThat(whole.callbacks().get(0).learningRateFactor()).isEqualTo(0.1);
            assertThat(whole.fit(data, 8)).hasSize(5);
            Trainer rest = trainer(resumed, new ReduceLROnPlateau(never, 1));
            Checkpoint.resume(file, rest);
            rest.fit(data, 8);
            assertThat(resumed.values().toDoubles()).isEqualTo(straight.values().toDoubles());
            assertThat(rest.learningRate()).isEqualTo(whole.learningRate());
            double factor = rest.callbacks().get(0).learningRateFactor();
            assertThat(factor).isCloseTo(1e-3, within(1e-15));
            assertThat(rest.learningRate()).isCloseTo(0.1 * Math.exp(-0.7) * factor, within(1e-15));
            ReduceLROnPlateau other = new ReduceLROnPlateau(never, 2);
            assertThatThrownBy(() -> other.restore(whole.callbacks().get(0).state()))
                    .hasMessageContainingAll("another settings than max loss patience=2", "patience=1");
        }
    }

    /** As Keras: {@code max(lr * factor, min_lr)}. */
    @Test
    void theLearningRateDoesNotFallBelowMinLr() {
        try (Session session = Session.open("cpu-vector");
                Model model = Model.create(session, new Linear(1, 1), 1)) {
            ReduceLROnPlateau plateau =
                    new ReduceLROnPlateau(Monitor.max("loss"), 0).factor(0.5).minLr(0.03);
            Trainer trainer =
                    Trainer.regression(model, new Sgd(0.1)).callback(plateau).build();
            double[] rates = new double[4];
            for (int i = 0; i < rates.length; i++) {
                plateau.onEpochEnd(trainer, new EpochResult(i + 1, -i, Map.of(), null, 1, 1));
                rates[i] = trainer.learningRate();
            }
            assertThat(rates).containsExactly(new double[] {0.1, 0.05, 0.03, 0.03}, within(1e-15));
            ReduceLROnPlateau large = new ReduceLROnPlateau(Monitor.max("loss"), 0).minLr(5);
            large.onEpochEnd(trainer, new EpochResult(1, 0, Map.of(), null, 1, 1));
            large.onEpochEnd(trainer, new EpochResult(2, 0, Map.of(), null, 1, 1));
            assertThat(large.learningRateFactor()).as("never raised").isEqualTo(1);
        }
    }

    @Test
    void settingsOfNoUseAreRefused() {
        ReduceLROnPlateau plateau = new ReduceLROnPlateau(Monitor.min("loss"), 1);
        assertThatThrownBy(() -> new ReduceLROnPlateau(null, 1)).hasMessageContaining("a monitor, got null");
        assertThatThrownBy(() -> new ReduceLROnPlateau(Monitor.min("loss"), -1)).hasMessageContaining("got -1");
        assertThatThrownBy(() -> plateau.factor(1)).hasMessageContaining("below 1, got 1.0");
        assertThatThrownBy(() -> plateau.factor(Double.NaN)).hasMessageContaining("got NaN");
        assertThatThrownBy(() -> plateau.minDelta(-1)).hasMessageContaining("minDelta of at least 0, got -1.0");
        assertThatThrownBy(() -> plateau.cooldown(-1)).hasMessageContaining("cooldown of at least 0 epochs, got -1");
        assertThatThrownBy(() -> plateau.minLr(-1)).hasMessageContaining("minLr of at least 0, got -1.0");
        assertThatThrownBy(() -> plateau.least(2)).hasMessageContaining("from 0 to 1, got 2.0");
        Map<String, String> state = new HashMap<>(plateau.state());
        for (Map.Entry<String, String> wrong : Map.of("best", "NaN", "waited", "-1", "cooling", "x", "reduced", "2")
                .entrySet()) {
            Map<String, String> changed = new HashMap<>(state);
            changed.put(wrong.getKey(), wrong.getValue());
            assertThatThrownBy(() -> plateau.restore(changed))
                    .hasMessageContainingAll("cannot go on from " + wrong.getKey(), "'" + wrong.getValue() + "'");
        }
    }
}
