package org.alborz.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.alborz.checkpoint.Checkpoint;
import org.alborz.checkpoint.ModelCheckpoint;
import org.alborz.checkpoint.Weights;
import org.alborz.data.DataLoader;
import org.alborz.nn.Model;
import org.alborz.optim.Adam;
import org.alborz.tensor.Session;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SwapEMAWeightsTest {
    @TempDir
    Path directory;

    private final Session session = Session.open("cpu-vector");
    private final DataLoader data = TrainingRuns.loader(32, 16);

    @AfterEach
    void close() {
        session.close();
    }

    private Trainer trainer(Callback... callbacks) {
        Trainer.Builder builder = Trainer.classifier(Model.create(session, TrainingRuns.smallNet(), 11), new Adam(1e-2))
                .seed(13)
                .ema(0.5);
        for (Callback callback : callbacks) {
            builder.callback(callback);
        }
        return builder.build();
    }

    private static double[] average(Trainer trainer) {
        return trainer.parameterStates().get(Trainer.WEIGHT_AVERAGE).toDoubles();
    }

    @Test
    void modelAndFilesOfWeightsHaveTheAverageAndTrainingGoesOnWithoutIt() {
        Trainer plain = trainer();
        plain.fit(data, data, 1);
        double[] afterOne = plain.model().values().toDoubles();
        List<EpochResult> expected = plain.fit(data, data, 3);

        List<double[]> seen = new ArrayList<>();
        Trainer swapping = trainer(
                new SwapEMAWeights(),
                new ModelCheckpoint(directory).weightsOnly(),
                new LambdaCallback()
                        .onEpochEnd((trainer, result) ->
                                seen.add(trainer.model().values().toDoubles())));
        swapping.fit(data, data, 1);
        assertThat(swapping.model().values().toDoubles())
                .isEqualTo(average(swapping))
                .isEqualTo(seen.get(0))
                .isNotEqualTo(afterOne);
        assertThat(swapping.trainedValues().toDoubles()).isEqualTo(afterOne);
        Model loaded = Model.create(session, TrainingRuns.smallNet(), 1);
        Weights.load(directory.resolve(ModelCheckpoint.LAST), loaded);
        assertThat(loaded.values().toDoubles()).isEqualTo(average(swapping));
        double loss = swapping.evaluate(data).loss();

        List<EpochResult> found = swapping.fit(data, data, 3);
        for (int i = 0; i < 2; i++) {
            assertThat(found.get(i).figures()).isEqualTo(expected.get(i).figures());
        }
        assertThat(swapping.trainedValues().toDoubles())
                .isEqualTo(plain.model().values().toDoubles());
        assertThat(average(swapping)).isEqualTo(average(plain));
        assertThat(loss).isEqualTo(plainLossAfterOne());
        swapping.swapOutAverage();
        assertThat(swapping.model().values().toDoubles())
                .isEqualTo(plain.model().values().toDoubles());
        List.of(plain.model(), swapping.model(), loaded).forEach(Model::close);
        assertThat(session.memory().used()).isZero();
    }

    private double plainLossAfterOne() {
        try (Trainer trainer = trainer();
                Model model = trainer.model()) {
            trainer.fit(data, data, 1);
            assertThat(model.isFinite()).isTrue();
            return trainer.evaluate(data).loss();
        }
    }

    /** A kill after the last save leaves nothing to do, and the model has the average nevertheless. */
    @Test
    void aResumedRunWithNoEpochLeftEndsWithTheAverage() {
        Path file = directory.resolve("run.safetensors");
        Trainer swapping = trainer(new SwapEMAWeights());
        swapping.fit(data, 2);
        Checkpoint.save(file, swapping, Map.of());
        Trainer resumed = trainer(new SwapEMAWeights());
        Checkpoint.resume(file, resumed);
        assertThat(resumed.fit(data, 2)).isEmpty();
        assertThat(resumed.model().values().toDoubles())
                .isEqualTo(swapping.model().values().toDoubles())
                .isEqualTo(average(swapping));
        List.of(swapping.model(), resumed.model()).forEach(Model::close);
        assertThat(session.memory().used()).isZero();
    }

    /** A file to resume from holds both, whatever the model has at the moment; the trainer that resumes may be swapped as well. */
    @Test
    void checkpointsAreThoseOfARunWithoutIt() {
        Path file = directory.resolve("run.safetensors");
        Trainer plain = trainer();
        plain.fit(data, 3);
        Trainer swapping = trainer(new SwapEMAWeights());
        swapping.fit(data, 2);
        Checkpoint.save(file, swapping, Map.of());
        Trainer resumed = trainer(new SwapEMAWeights());
        resumed.fit(data, 1);
        Checkpoint.resume(file, resumed);
        assertThat(resumed.model().values().toDoubles())
                .isEqualTo(swapping.trainedValues().toDoubles());
        resumed.fit(data, 3);
        assertThat(resumed.trainedValues().toDoubles())
                .isEqualTo(plain.model().values().toDoubles());
        resumed.copyEmaToModel();
        assertThat(resumed.trainedValues().toDoubles()).isEqualTo(average(plain));
        List.of(plain, swapping, resumed).forEach(trainer -> trainer.model().close());
    }

    @Test
    void theBestWeightsAreTheTrainedOnes() {
        EarlyStopping stopping = new EarlyStopping(Monitor.max("loss"), 9).restoreBestWeights(); // the first epoch
        Trainer swapping = trainer(new SwapEMAWeights(), stopping);
        swapping.fit(data, 3);
        Trainer plain = trainer();
        plain.fit(data, 1);
        assertThat(swapping.model().values().toDoubles()).isEqualTo(average(plain));
        assertThat(swapping.trainedValues().toDoubles())
                .isEqualTo(plain.model().values().toDoubles());
        List.of(plain, swapping).forEach(trainer -> trainer.model().close());
    }

    @Test
    void aTrainerWithoutAverageIsRefused() {
        try (Trainer trainer = TrainingRuns.trainer(session, new Adam(1e-2), new SwapEMAWeights())) {
            assertThatThrownBy(() -> trainer.fit(data, 1)).hasMessageContaining("build it with ema(decay)");
            assertThatThrownBy(trainer::swapInAverage).hasMessageContaining("build the trainer with ema(decay)");
            assertThat(trainer.step()).isZero();
            trainer.model().close();
        }
    }
}
