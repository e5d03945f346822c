package org.alborz.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.alborz.checkpoint.Checkpoint;
import org.alborz.data.DataLoader;
import org.alborz.data.GeneratedImages;
import org.alborz.models.Models;
import org.alborz.nn.Model;
import org.alborz.optim.Sgd;
import org.alborz.tensor.Session;
import org.alborz.train.Callback;
import org.alborz.train.EpochResult;
import org.alborz.train.Trainer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StepLogTest {
    private static final DataLoader DATA =
            DataLoader.of(GeneratedImages.train(1, 30), 10).build();

    @TempDir
    Path folder;

    /** Computes the ratio of each step from downloaded weights. */
    private static final class ByHand implements Callback {
        private final List<Double> ratios = new ArrayList<>();
        private float[] before;

        @Override
        public void onTrainBegin(Trainer trainer) {
            before = weights(trainer);
        }

        @Override
        public void onStepEnd(Trainer trainer) {
            float[] after = weights(trainer);
            double change = 0;
            double size = 0;
            for (int i = 0; i < after.length; i++) {
                change += (after[i] - before[i]) * (double) (after[i] - before[i]);
                size += after[i] * (double) after[i];
            }
            ratios.add(Math.sqrt(change / size));
            before = after;
        }

        private static float[] weights(Trainer trainer) {
            return trainer.model().parameters().get("1.weight").value().toFloats();
        }
    }

    @Test
    void keepsLossRateAndRatiosOfEachStep() {
        Path file = folder.resolve("steps.csv");
        ByHand byHand = new ByHand();
        List<EpochResult> results = train(2, new StepLog(file), byHand);

        Report.Steps steps = StepLog.read(file);

        assertThat(steps.epoch()).hasSize(6).startsWith(0.33333334).endsWith(2.0);
        assertThat(steps.learningRate()).containsOnly(0.05);
        assertThat(steps.time()).isSorted().allMatch(time -> time > 1.7e9);
        for (int epoch = 0; epoch < 2; epoch++) {
            double mean = (steps.loss().get(3 * epoch)
                            + steps.loss().get(3 * epoch + 1)
                            + steps.loss().get(3 * epoch + 2))
                    / 3;
            assertThat(mean).isCloseTo(results.get(epoch).loss(), within(1e-5));
        }
        assertThat(steps.updateRatios()).containsOnlyKeys("1.weight", "2.weight");
        for (int i = 0; i < 6; i++) {
            assertThat(steps.updateRatios().get("1.weight").get(i)).isCloseTo(byHand.ratios.get(i), within(1e-6));
        }
    }

    @Test
    void changesNoBitOfTheTraining() {
        assertThat(train(2, new StepLog(folder.resolve("steps.csv"))))
                .extracting(EpochResult::loss)
                .isEqualTo(train(2).stream().map(EpochResult::loss).toList());
    }

    @Test
    void aResumedTrainingHasEachStepOnce() throws IOException {
        Path file = folder.resolve("steps.csv");
        Path checkpoint = folder.resolve("saved.safetensors");
        try (Session session = Session.open("cpu-scalar")) {
            try (Model model = model(session)) {
                Trainer trainer = trainer(model, new StepLog(file));
                trainer.fit(DATA, 1);
                Checkpoint.save(checkpoint, trainer, Map.of());
                trainer.fit(DATA, 2);
            }
            Files.writeString(file, Files.readString(file) + "7,2.33,17"); // which a kill cut short
            assertThat(StepLog.read(file).epoch()).hasSize(6);
            try (Model model = model(session)) {
                Trainer trainer = trainer(model, new StepLog(file));
                Checkpoint.resume(checkpoint, trainer);
                trainer.fit(DATA, 3);
            }
        }
        assertThat(Files.readAllLines(file))
                .extracting(line -> line.split(",", -1)[0])
                .containsExactly("step", "1", "2", "3", "4", "5", "6", "7", "8", "9");
    }

    @Test
    void aLastNumberThatIsCutShortIsLeftOut() throws IOException {
        Path file = Files.writeString(
                folder.resolve("steps.csv"), "step,epoch,time,loss,learning_rate\n1,0.5,7,2.5,0.05\n2,1.0,8,2.25,0.0");
        assertThat(StepLog.read(file).learningRate()).containsExactly(0.05);
    }

    @Test
    void aFileThatIsNoneOrOfAnotherKindIsEmpty() throws IOException {
        assertThat(StepLog.read(folder.resolve("none"))).isEqualTo(Report.Steps.NONE);
        assertThat(StepLog.read(Files.writeString(folder.resolve("other"), "hello\n")))
                .isEqualTo(Report.Steps.NONE);
    }

    private static List<EpochResult> train(int epochs, Callback... callbacks) {
        try (Session session = Session.open("cpu-scalar");
                Model model = model(session)) {
            return trainer(model, callbacks).fit(DATA, epochs);
        }
    }

    private static Model model(Session session) {
        return Model.create(session, Models.mlp(3 * 32 * 32, 8, 10), 1);
    }

    private static Trainer trainer(Model model, Callback... callbacks) {
        Trainer.Builder builder = Trainer.classifier(model, new Sgd(0.05)).verbose(false);
        for (Callback callback : callbacks) {
            builder.callback(callback);
        }
        return builder.build();
    }
}
