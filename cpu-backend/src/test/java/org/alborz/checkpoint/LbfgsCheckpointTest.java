package org.alborz.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.alborz.nn.Activations;
import org.alborz.nn.BatchNorm;
import org.alborz.nn.Linear;
import org.alborz.nn.Loss;
import org.alborz.nn.Model;
import org.alborz.nn.Sequential;
import org.alborz.optim.Adam;
import org.alborz.optim.Lbfgs;
import org.alborz.optim.ParameterGroup;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.train.Trainer;
import org.alborz.type.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A run of L-BFGS continues from its checkpoint as if it had not been stopped. */
class LbfgsCheckpointTest {
    @TempDir
    Path folder;

    private static Model model(Session session, long seed) {
        return Model.create(
                session,
                new Sequential(new Linear(3, 5), new BatchNorm(5), Activations.tanh(), new Linear(5, 1)),
                seed);
    }

    private static Lbfgs lbfgs(Model model) {
        return new Lbfgs(model)
                .iterations(3)
                .history(4)
                .groups(ParameterGroup.vectors().weightDecay(0.01));
    }

    private static double step(Lbfgs lbfgs, Tensor x) {
        return lbfgs.step(step -> Loss.mse().of(step.forward(x), x.narrow(1, 0, 1)));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 4})
    void continuesBitForBit(int before) {
        Path file = folder.resolve("run.safetensors");
        try (Session session = Session.open("cpu-vector");
                Model model = model(session, 1);
                Model other = model(session, 2)) {
            Tensor x = session.normal(Shape.of(16, 3), 7);
            double[] losses = new double[3];
            model.freeze("0.weight"::equals);
            try (Lbfgs lbfgs = lbfgs(model)) {
                for (int i = 0; i < before; i++) {
                    step(lbfgs, x);
                }
                LbfgsCheckpoint.save(file, lbfgs, Map.of("note", "mine"));
                for (int i = 0; i < losses.length; i++) {
                    losses[i] = step(lbfgs, x);
                }
                assertThat(Checkpoint.metadata(file)).containsEntry("note", "mine");
                try (Lbfgs continued = lbfgs(other)) {
                    step(continued, x);
                    LbfgsCheckpoint.resume(file, continued);
                    for (double loss : losses) {
                        assertThat(step(continued, x)).isEqualTo(loss);
                    }
                    assertThat(continued.evaluations()).isEqualTo(lbfgs.evaluations());
                    assertThat(continued.progress()).isEqualTo(lbfgs.progress());
                }
            }
            assertThat(other.values().toFloats()).isEqualTo(model.values().toFloats());
            assertThat(other.parameter("1.running_mean").value().toFloats())
                    .isEqualTo(model.parameter("1.running_mean").value().toFloats());
            Weights.load(file, other);
        }
    }

    @Test
    void whatDoesNotFitIsRefusedAndChangesNothing() throws IOException {
        Path file = folder.resolve("run.safetensors");
        Path other = folder.resolve("other.safetensors");
        try (Session session = Session.open("cpu-vector");
                Model model = model(session, 1);
                Lbfgs lbfgs = lbfgs(model)) {
            Tensor x = session.normal(Shape.of(16, 3), 7);
            step(lbfgs, x);
            LbfgsCheckpoint.save(file, lbfgs, Map.of());
            try (Trainer trainer =
                    Trainer.regression(model, new Adam(1e-3), Loss.mse()).build()) {
                Checkpoint.save(other, trainer, Map.of());
                refused(() -> Checkpoint.resume(file, trainer), "cannot be resumed");
            }
            step(lbfgs, x);
            float[] values = model.values().toFloats();
            Lbfgs.Progress progress = lbfgs.progress();
            refused(
                    () -> LbfgsCheckpoint.resume(other, lbfgs),
                    "lack 'lbfgs'; resume from a file that LbfgsCheckpoint");
            lbfgs.learningRate(0.5);
            refused(() -> LbfgsCheckpoint.resume(file, lbfgs), "other settings than this one has: optimizer");
            lbfgs.learningRate(1);
            byte[] bytes = Files.readAllBytes(file);
            bytes[bytes.length - 9] ^= 1;
            Files.write(other, bytes);
            refused(() -> LbfgsCheckpoint.resume(other, lbfgs), "damaged");
            assertThat(model.values().toFloats()).isEqualTo(values);
            assertThat(lbfgs.progress()).isEqualTo(progress);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> LbfgsCheckpoint.save(file, lbfgs, Map.of("lbfgs", "1")))
                    .withMessageContaining("choose another name");
            LbfgsCheckpoint.resume(file, lbfgs);
            assertThat(lbfgs.progress()).isNotEqualTo(progress);
        }
    }

    private static void refused(org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String message) {
        assertThatExceptionOfType(CheckpointException.class).isThrownBy(call).withMessageContaining(message);
    }
}
