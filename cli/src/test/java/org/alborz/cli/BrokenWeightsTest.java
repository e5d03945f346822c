package org.alborz.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.alborz.data.Dataset;
import org.alborz.tensor.Session;
import org.alborz.train.DataOnDevice;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** Runs whose weights explode fail, and leave the checkpoints as they were. */
@Timeout(300)
class BrokenWeightsTest {
    @TempDir
    Path folder;

    /** The first leaves weights that are numbers still, though nothing they compute is; the second infinite ones. */
    @ParameterizedTest
    @CsvSource({"1e30, 0", "1e38, 1e6"})
    void anEpochOfOneStepThatBreaksTheWeightsIsAFailure(String learningRate, String weightDecay) {
        CommandResult result = CommandResult.of(
                "train",
                "mlp",
                "--backend",
                "cpu-scalar",
                "--limit",
                100,
                "--batch-size",
                128,
                "--epochs",
                1,
                "--optimizer",
                "sgd",
                "--learning-rate",
                learningRate,
                "--weight-decay",
                weightDecay,
                "--out",
                folder);

        assertThat(result.code()).isEqualTo(ExitCodes.FAILED);
        assertThat(result.err()).contains("The training failed: ", "by step 1", "; lower the learning rate");
        assertThat(folder.resolve("last.safetensors")).doesNotExist();
        assertThat(folder.resolve("best.safetensors")).doesNotExist();
    }

    @Test
    void anInterruptionDoesNotReplaceGoodWeightsByBrokenOnes() throws IOException {
        byte[] good = {1, 2, 3};
        Files.write(folder.resolve("last.safetensors"), good);

        TrainReport report = interrupted(1e38, 1e6, 32);

        assertThat(report.steps()).isEqualTo(1);
        assertThat(report.stopped()).contains("the weights are no finite numbers by step 1", "lower the learning rate");
        assertThat(folder.resolve("last.safetensors")).hasBinaryContent(good);
    }

    @Test
    void anInterruptionAtAnEpochsEndDoesNotHideThatItsValidationFailed() {
        TrainReport report = interrupted(1e30, 0, 64);

        assertThat(report.stopped()).startsWith("the validation loss is ");
        assertThat(folder.resolve("last.safetensors")).doesNotExist();
    }

    @Test
    void aPageThatCannotBeWrittenDoesNotUndoTheTraining() throws IOException {
        Files.createDirectory(folder.resolve("report.html"));

        TrainReport report = interrupted(0.1, 0, 32);

        assertThat(report.steps()).isEqualTo(1);
        assertThat(folder.resolve("last.safetensors")).exists();
    }

    @Test
    void anInterruptionSavesGoodWeights() {
        TrainReport report = interrupted(0.1, 0, 32);

        assertThat(report.steps()).isEqualTo(1);
        assertThat(report.stopped()).isEqualTo(Interruption.REASON);
        assertThat(SavedModel.read(folder.resolve("last.safetensors")).settings())
                .isEqualTo(report.settings());
    }

    private TrainReport interrupted(double learningRate, double weightDecay, int batchSize) {
        TrainSettings settings = new TrainSettings(
                "mlp",
                ImageSource.GENERATED,
                64,
                32,
                3,
                batchSize,
                1,
                "sgd",
                learningRate,
                weightDecay,
                "constant",
                false,
                "float32",
                List.of("accuracy"),
                "epoch",
                false,
                Map.of());
        try (Interruption interruption = Interruption.listen();
                Session session = Session.open("cpu-scalar")) {
            new Thread(interruption::request).start();
            while (!interruption.isRequested()) {
                Thread.onSpinWait();
            }
            CommandLine train = Alborz.commandLine().getSubcommands().get("train");
            train.setOut(new PrintWriter(Writer.nullWriter()));
            Screen screen = Screen.of(train.getCommandSpec());
            DataSource source = settings.source();
            Dataset training = source.training();
            return new TrainingRun(
                            screen,
                            settings,
                            source,
                            new RunFolder(folder),
                            null,
                            new Execution(false, DataOnDevice.OFF),
                            interruption,
                            RankGroup.of(Map.of()))
                    .train(session, training, source.test());
        }
    }
}
