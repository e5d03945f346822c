package org.alborz.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.alborz.checkpoint.Checkpoint;
import org.alborz.data.DataLoader;
import org.alborz.nn.Linear;
import org.alborz.nn.Model;
import org.alborz.optim.Sgd;
import org.alborz.tensor.Session;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LearningRateSchedulerTest {
    private static final LearningRateScheduler.Function HALVING = (epoch, rate) -> epoch == 0 ? rate : rate / 2;

    @TempDir
    Path directory;

    private static Trainer trainer(Session session, LearningRateScheduler scheduler, List<Double> rates, long stop) {
        return TrainingRuns.trainer(session, new Sgd(0.1), scheduler, new LambdaCallback().onStepEnd(trainer -> {
                    rates.add(trainer.learningRate() / trainer.schedule().factor(trainer.step()));
                    if (trainer.step() == stop) {
                        trainer.stop("test");
                    }
                }));
    }

    /** The rate depends on the one before, so an epoch that is begun twice must not halve it twice. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void eachEpochSetsItOnceAlsoWhenResumed(long stop) {
        DataLoader data = TrainingRuns.loader(32, 16);
        Path file = directory.resolve("run.safetensors");
        List<Double> rates = new ArrayList<>();
        try (Session session = Session.open("cpu-vector")) {
            Trainer first = trainer(session, new LearningRateScheduler(HALVING), rates, stop);
            first.fit(data, 3);
            Checkpoint.save(file, first, Map.of());
            Trainer resumed = trainer(session, new LearningRateScheduler(HALVING), rates, 0);
            Checkpoint.resume(file, resumed);
            resumed.fit(data, 3);
            double[] found = rates.stream().mapToDouble(rate -> rate).toArray();
            assertThat(found).containsExactly(new double[] {0.1, 0.1, 0.05, 0.05, 0.025, 0.025}, within(1e-12));
            first.model().close();
            resumed.model().close();
        }
    }

    @Test
    void ratesOfNoUseAreRefused() {
        try (Session session = Session.open("cpu-vector");
                Model model = Model.create(session, new Linear(1, 1), 1)) {
            for (double wrong : new double[] {-1, Double.NaN, Double.POSITIVE_INFINITY}) {
                LearningRateScheduler scheduler = new LearningRateScheduler((epoch, rate) -> wrong);
                Trainer trainer = Trainer.regression(model, new Sgd(0.1))
                        .callback(scheduler)
                        .build();
                assertThatThrownBy(() -> scheduler.onEpochBegin(trainer))
                        .hasMessageContaining("at least 0, got " + wrong + " for epoch 0 and the learning rate 0.1");
                trainer.close();
            }
        }
        LearningRateScheduler scheduler = new LearningRateScheduler(HALVING);
        assertThatThrownBy(() -> scheduler.restore(Map.of("epoch", "0", "factor", "-1")))
                .hasMessageContaining("cannot go on from factor '-1'");
        assertThatThrownBy(() -> new LearningRateScheduler(null)).hasMessageContaining("got null");
    }
}
