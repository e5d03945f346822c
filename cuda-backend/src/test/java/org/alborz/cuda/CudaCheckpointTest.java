package org.alborz.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.alborz.checkpoint.Checkpoint;
import org.alborz.checkpoint.CheckpointException;
import org.alborz.checkpoint.ModelCheckpoint;
import org.alborz.checkpoint.Weights;
import org.alborz.data.DataLoader;
import org.alborz.data.GeneratedImages;
import org.alborz.nn.BatchNorm;
import org.alborz.nn.Conv2d;
import org.alborz.nn.Dropout;
import org.alborz.nn.GlobalAvgPool2d;
import org.alborz.nn.Layer;
import org.alborz.nn.Linear;
import org.alborz.nn.Loss;
import org.alborz.nn.Model;
import org.alborz.nn.Sequential;
import org.alborz.optim.Adam;
import org.alborz.tensor.Session;
import org.alborz.train.Callback;
import org.alborz.train.Trainer;
import org.alborz.type.DType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Saving and resuming in the data types and with the captured steps that only this backend has. */
final class CudaCheckpointTest {
    private static final int STEPS = 7;

    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource({"FLOAT16, 3, false", "BFLOAT16, 5, false", "FLOAT16, 5, true", "FLOAT32, 3, true"})
    void goingOnIsBitExact(DType dtype, int killedAfter, boolean graphCapture) {
        List<Double> straight = run(dtype, STEPS, graphCapture, false);
        run(dtype, killedAfter, graphCapture, false);
        assertThat(run(dtype, STEPS, graphCapture, true)).isEqualTo(straight);
    }

    /** Three batches an epoch, saved after every step. */
    private List<Double> run(DType dtype, int steps, boolean graphCapture, boolean resume) {
        try (Session session = Session.of(SoftwareGpu.open(), dtype);
                Model model = Model.create(session, net(), 1)) {
            Trainer trainer = Trainer.classifier(model, new Adam(1e-2), Loss.crossEntropy())
                    .graphCapture(graphCapture)
                    .callback(new ModelCheckpoint(directory).every(1))
                    .callback(new Callback() {
                        @Override
                        public void onStepEnd(Trainer running) {
                            if (running.step() == steps) {
                                running.stop("that will do");
                            }
                        }
                    })
                    .build();
            if (resume) {
                Checkpoint.resume(directory.resolve(ModelCheckpoint.LAST), trainer);
            }
            trainer.fit(DataLoader.of(GeneratedImages.train(1, 12), 4).build(), 100);
            List<Double> values = valuesOf(model);
            trainer.optimizer().state().values().forEach(state -> add(values, state.toDoubles()));
            add(values, trainer.metrics().lossSum(), trainer.metrics().accuracy());
            return values;
        }
    }

    private static Layer net() {
        return new Sequential(
                new Conv2d(3, 4, 3).stride(2),
                new BatchNorm(4),
                new GlobalAvgPool2d(),
                new Dropout(0.2),
                new Linear(4, 10));
    }

    private static List<Double> valuesOf(Model model) {
        List<Double> values = new ArrayList<>();
        model.parameters().values().forEach(p -> add(values, p.value().toDoubles()));
        return values;
    }

    private static void add(List<Double> into, double... values) {
        for (double value : values) {
            into.add(value);
        }
    }

    @Test
    void weightsAreConvertedAndRunsAreNot() {
        run(DType.FLOAT16, 3, false, false);
        Path file = directory.resolve(ModelCheckpoint.LAST);
        List<Double> half;
        try (Session session = Session.of(SoftwareGpu.open(), DType.FLOAT16);
                Model model = Weights.load(file, session, net())) {
            half = valuesOf(model);
        }
        try (Session session = Session.of(SoftwareGpu.open(), DType.FLOAT32);
                Model model = Weights.load(file, session, net())) {
            assertThat(valuesOf(model)).isEqualTo(half);
            Trainer trainer = Trainer.classifier(model, new Adam(1e-2), Loss.crossEntropy())
                    .build();
            assertThatThrownBy(() -> Checkpoint.resume(file, trainer))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("data_type 'float16' against 'float32'");
            trainer.fit(DataLoader.of(GeneratedImages.train(1, 12), 4).build(), 1);
            Checkpoint.save(file, trainer, Map.of());
        }
        try (Session session = Session.of(SoftwareGpu.open(), DType.FLOAT16);
                Model model = Weights.load(file, session, net())) {
            assertThat(valuesOf(model)).isNotEqualTo(half).allMatch(Double::isFinite);
        }
    }
}
