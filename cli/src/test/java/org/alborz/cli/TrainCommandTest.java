package org.alborz.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.alborz.backend.Backends;
import org.alborz.backend.Probe;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TrainCommandTest {
    @TempDir
    Path folder;

    @Test
    void trainsAndWritesWhatItSays() throws IOException {
        Path out = folder.resolve("run");
        Path json = folder.resolve("new/report.json");

        CommandResult result = CommandResult.train("--epochs", 2, "--out", out, "--json", json);

        assertThat(result.err()).isEmpty();
        assertThat(result.code()).isZero();
        assertThat(result.out())
                .contains("lenet5, 62,006 parameters", "NOT CIFAR-10", "cpu-scalar", "seed 1")
                .contains("epoch 1/2  loss ", "epoch 2/2  loss ", "validation: loss", "Best validation accuracy")
                .contains("./alborz evaluate " + out.resolve("best.safetensors"));
        assertThat(out.toFile().list())
                .containsExactlyInAnyOrder(
                        ".lock",
                        "settings.json",
                        "config.json",
                        "best.safetensors",
                        "last.safetensors",
                        "history.csv",
                        "steps.csv",
                        "result.json",
                        "report.html",
                        "train.log");
        assertThat(Files.readAllLines(out.resolve("history.csv"))).hasSize(3);
        assertThat(out.resolve("train.log")).content().contains("epoch 2/2  loss");
        assertThat(json).hasSameTextualContentAs(out.resolve("result.json"));
        JsonNode report = new ObjectMapper().readTree(json.toFile());
        assertThat(report.at("/settings/model").asText()).isEqualTo("lenet5");
        assertThat(report.at("/epochs")).hasSize(2);
        assertThat(report.at("/steps").asLong()).isEqualTo(4);
        assertThat(report.at("/machine/processors").asInt()).isPositive();
        assertThat(report.at("/best/val_accuracy").asDouble()).isBetween(0.0, 1.0);
    }

    @Test
    void metricsAreChosenByNameAndKeptByAResumedRun() throws IOException {
        Path out = folder.resolve("measured");
        Path history = out.resolve("history.csv");
        CommandResult result = CommandResult.train("--epochs", 1, "--out", out, "--metrics", "top-5,f1,accuracy");
        assertThat(result.code()).as(result.err()).isZero();
        assertThat(result.out()).contains("  top_5_accuracy 0.", "  f1 0.");
        String header = "epoch,loss,accuracy,top_5_accuracy,f1,val_loss,val_accuracy,val_top_5_accuracy,val_f1,"
                + "learning_rate,seconds,images_per_second";
        assertThat(Files.readAllLines(history)).hasSize(2).first().isEqualTo(header);
        assertThat(epochs(out).get(0).get("val_top_5_accuracy").asDouble()).isBetween(0.0, 1.0);

        CommandResult other = CommandResult.of(
                "train", "--resume", "--out", out, "--epochs", 2, "--metrics", "f1", "--backend", "cpu-scalar");
        assertThat(other.code()).isEqualTo(ExitCodes.USAGE);
        assertThat(other.err()).contains("--metrics accuracy,top-5,f1, not accuracy,f1");

        CommandResult resumed =
                CommandResult.of("train", "--resume", "--out", out, "--epochs", 2, "--backend", "cpu-scalar");
        assertThat(resumed.code()).as(resumed.err()).isZero();
        assertThat(Files.readAllLines(history)).hasSize(3).first().isEqualTo(header);
    }

    @Test
    void anUnknownMetricIsRefusedWithTheList() {
        for (String name : List.of("auc", "top-0", "top-")) {
            CommandResult result =
                    CommandResult.train("--out", folder.resolve("none"), "--metrics", "accuracy," + name);
            assertThat(result.code()).isEqualTo(ExitCodes.USAGE);
            assertThat(result.err())
                    .contains("--metrics expects names among accuracy, top-K such as top-5,", "'" + name + "'");
            assertThat(folder.resolve("none")).doesNotExist();
        }
    }

    @Test
    void aResumedRunGivesTheFiguresOfAStraightOne() throws IOException {
        Path straight = folder.resolve("straight");
        Path broken = folder.resolve("broken");
        CommandResult.train("--epochs", 3, "--augment", "--out", straight);
        CommandResult.train("--epochs", 1, "--augment", "--out", broken);

        // All other settings come from the checkpoint.
        CommandResult resumed =
                CommandResult.of("train", "--resume", "--out", broken, "--epochs", 3, "--backend", "cpu-scalar");

        assertThat(resumed.err()).isEmpty();
        assertThat(resumed.code()).isZero();
        assertThat(resumed.out())
                .contains("Going on after epoch 1, batch 0 (step 2)")
                .doesNotContain("epoch 1/3");
        JsonNode expected = epochs(straight);
        JsonNode found = epochs(broken);
        assertThat(found).hasSize(3);
        for (int i = 0; i < 3; i++) {
            for (String figure : List.of("loss", "accuracy", "val_loss", "val_accuracy", "learning_rate")) {
                assertThat(found.get(i).get(figure)).isEqualTo(expected.get(i).get(figure));
            }
        }
        assertThat(Files.readAllLines(broken.resolve("history.csv"))).hasSize(4);
    }

    private static JsonNode epochs(Path run) throws IOException {
        return new ObjectMapper().readTree(run.resolve("result.json").toFile()).get("epochs");
    }

    @Test
    void savesWithinAnEpochAndGoesOnFromThere() throws IOException {
        Path straight = folder.resolve("straight");
        CommandResult.train("--epochs", 2, "--out", straight);

        for (String every : List.of("1", "3", "1s", "epoch")) {
            Path saving = folder.resolve("saving-" + every);
            CommandResult result = CommandResult.train("--epochs", 1, "--save-every", every, "--out", saving);
            assertThat(result.code()).as(result.err()).isZero();
            assertThat(SavedModel.read(saving.resolve("last.safetensors"))
                            .settings()
                            .saveEvery())
                    .isEqualTo(every);
            CommandResult resumed = CommandResult.of(
                    "train",
                    "--resume",
                    "--out",
                    saving,
                    "--epochs",
                    2,
                    "--save-every",
                    "2",
                    "--backend",
                    "cpu-scalar");

            assertThat(resumed.err()).as(every).isEmpty();
            assertThat(resumed.out()).as(every).contains("Saved       every 2 steps, and after each epoch");
            assertThat(Weights.of(saving.resolve("last.safetensors")))
                    .as(every)
                    .isEqualTo(Weights.of(straight.resolve("last.safetensors")));
            assertThat(Weights.figures(saving.resolve("history.csv")))
                    .as(every)
                    .isEqualTo(Weights.figures(straight.resolve("history.csv")));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"bfloat16", "float16"})
    void computesIn16BitsAndKeepsWeightsInFloat32(String precision) {
        Path out = folder.resolve("run");
        CommandResult result = CommandResult.train("--epochs", 1, "--precision", precision, "--out", out);
        assertThat(result.code()).as(result.err()).isZero();
        assertThat(result.out()).contains("precision mixed " + precision);
        assertThat(SavedModel.read(out.resolve("last.safetensors")).settings().precision())
                .isEqualTo(precision);

        CommandResult resumed =
                CommandResult.of("train", "--resume", "--out", out, "--epochs", 2, "--backend", "cpu-scalar");
        assertThat(resumed.code()).as(resumed.err()).isZero();
        CommandResult other = CommandResult.train("--resume", "--out", out, "--precision", "float32");
        assertThat(other.code()).isEqualTo(ExitCodes.USAGE);
        assertThat(other.err()).contains("--precision " + precision + ", not float32");
        assertThat(CommandResult.train("--precision", "float8", "--out", folder.resolve("no"))
                        .err())
                .contains("--precision", "float8", "bfloat16");
    }

    @Test
    void resumingRefusesOtherSettingsAndMissingRuns() {
        Path out = folder.resolve("run");
        CommandResult.train("--epochs", 1, "--out", out);

        CommandResult other = CommandResult.train("--resume", "--out", out, "--learning-rate", 0.5, "--seed", 9);
        assertThat(other.code()).isEqualTo(ExitCodes.USAGE);
        assertThat(other.err()).contains("--learning-rate 0.001, not 0.5", "--seed 1, not 9");

        CommandResult done = CommandResult.train("--resume", "--out", out);
        assertThat(done.code()).isZero();
        assertThat(done.out()).contains("All 1 epochs are done; raise --epochs");

        CommandResult fewer = CommandResult.train("--resume", "--out", out, "--epochs", 2);
        assertThat(fewer.code()).isZero();
        fewer = CommandResult.train("--resume", "--out", out, "--epochs", 1);
        assertThat(fewer.code()).isEqualTo(ExitCodes.USAGE);
        assertThat(fewer.err()).contains("2 finished epochs, more than --epochs 1");

        CommandResult again = CommandResult.train("--out", out);
        assertThat(again.code()).isEqualTo(ExitCodes.USAGE);
        assertThat(again.err()).contains("holds a run already", "--resume");

        CommandResult nowhere = CommandResult.train("--resume");
        assertThat(nowhere.code()).isEqualTo(ExitCodes.USAGE);
        assertThat(nowhere.err()).contains("--out");

        CommandResult missing = CommandResult.of("train", "--resume", "--out", folder.resolve("none"));
        assertThat(missing.code()).isEqualTo(ExitCodes.DATA);
        assertThat(missing.err()).contains("none/last.safetensors");
    }

    @Test
    void aRunGoesOnAfterItsDataHaveMoved() throws IOException {
        Path out = folder.resolve("run");
        Path before = Files.createDirectory(folder.resolve("before"));
        Files.writeString(before.resolve("batches.meta.txt"), "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n");
        for (String part :
                List.of("data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5", "test_batch")) {
            try (RandomAccessFile file =
                    new RandomAccessFile(before.resolve(part + ".bin").toFile(), "rw")) {
                file.setLength(30_730_000); // black images of class 0, which take no room on the disk
            }
        }
        CommandResult first = CommandResult.train("--data", before, "--epochs", 1, "--out", out);
        assertThat(first.code()).as(first.err()).isZero();
        assertThat(first.out()).contains("from " + before);
        Path after = Files.move(before, folder.resolve("after"));

        CommandResult other = CommandResult.train("--resume", "--out", out, "--data", "generated");
        assertThat(other.code()).isEqualTo(ExitCodes.USAGE);
        assertThat(other.err()).contains("--data " + before + ", not generated");

        CommandResult resumed = CommandResult.train("--resume", "--out", out, "--data", after, "--epochs", 2);
        assertThat(resumed.err()).isEmpty();
        assertThat(resumed.code()).isZero();
        assertThat(resumed.out()).contains("from " + after, "Going on after epoch 1", "epoch 2/2");
    }

    /** Trains a net whose activations have no bound, so that its loss is soon no number. */
    private static CommandResult diverge(Path out) {
        return CommandResult.of(
                "train",
                "mlp",
                "--backend",
                "cpu-scalar",
                "--limit",
                16,
                "--batch-size",
                8,
                "--epochs",
                3,
                "--optimizer",
                "sgd",
                "--learning-rate",
                "1e30",
                "--out",
                out);
    }

    @Test
    void aLossThatIsNoNumberEndsTheRunWithARemedy() throws IOException {
        Path out = folder.resolve("run");

        CommandResult result = diverge(out);

        assertThat(result.code()).isEqualTo(ExitCodes.FAILED);
        assertThat(result.err())
                .contains("The training failed: the loss is", "lower the learning rate", "try --learning-rate 1.0e+29")
                .doesNotContain("\tat ");
        assertThat(out.resolve("last.safetensors")).doesNotExist();
        assertThat(new ObjectMapper()
                        .readTree(out.resolve("result.json").toFile())
                        .get("stopped")
                        .asText())
                .contains("the loss is");
    }

    @Test
    void aFreshRunTakesNoFiguresOfAFailedOne() throws IOException {
        Path out = folder.resolve("run");
        diverge(out);
        assertThat(Files.readAllLines(out.resolve("history.csv"))).hasSize(2);

        CommandResult fresh = CommandResult.train("--epochs", 2, "--out", out);

        assertThat(fresh.code()).as(fresh.err()).isZero();
        assertThat(Files.readAllLines(out.resolve("history.csv"))).hasSize(3);
        assertThat(epochs(out)).hasSize(2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--batch-size    | 0           | --batch-size expects at least 1",
                "--batch-size    | -2147483648 | --batch-size expects at least 1",
                "--epochs        | 0           | --epochs expects at least 1",
                "--limit         | 0           | --limit expects at least 1",
                "--limit         | -1          | --limit expects at least 1",
                "--learning-rate | -1          | --learning-rate expects a number above 0",
                "--learning-rate | 0           | --learning-rate expects a number above 0",
                "--learning-rate | -0.0        | --learning-rate expects a number above 0",
                "--learning-rate | 1e-50       | --learning-rate expects a number above 0",
                "--learning-rate | 1e-999      | '1e-999' is not a number above 0",
                "--learning-rate | 1e999       | --learning-rate expects a number above 0",
                "--learning-rate | 1e39        | --learning-rate expects a number above 0, and at most 3.4",
                "--learning-rate | 1f          | '1f' is not a double",
                "--learning-rate | 0x1p0       | '0x1p0' is not a double",
                "--learning-rate | ' 5 '       | ' 5 ' is not a double",
                "--learning-rate | +3          | '+3' is not a double",
                "--learning-rate | ٣           | '٣' is not a double",
                "--weight-decay  | 1e-400      | '1e-400' is not a number above 0",
                "--weight-decay  | 1e-60       | --weight-decay expects a number of at least 0",
                "--seed          | +3          | '+3' is not a long",
                "--epochs        | ' 5'        | ' 5' is not an int",
                "--epochs        | ٣           | '٣' is not an int",
                "--epochs        | 0x3         | '0x3' is not an int",
                "--learning-rate | NaN         | --learning-rate expects a number above 0",
                "--learning-rate | Infinity    | --learning-rate expects a number above 0",
                "--weight-decay  | -0.1        | --weight-decay expects a number of at least 0",
                "--weight-decay  | NaN         | --weight-decay expects a number of at least 0",
                "--weight-decay  | 1e300       | --weight-decay expects a number of at least 0",
                "--optimizer     | adagrid     | --optimizer expects one of sgd",
                "--optimizer     | ''          | --optimizer expects one of sgd",
                "--schedule      | steps       | --schedule expects one of constant",
                "--data          | ''          | --data expects a directory",
                "--data          | ' '         | --data expects a directory",
                "--threads       | -1          | --threads expects at least 1",
                "--threads       | 0           | --threads expects at least 1",
                "--threads       | 2147483647  | --threads expects at least 1 and at most 4096",
                "--device        | -1          | --device expects at least 0",
                "--device        | 99          | expects device 0",
                "--save-every    | 0           | --save-every expects a number of steps",
                "--save-every    | -5          | --save-every expects a number of steps",
                "--save-every    | ''          | --save-every expects a number of steps",
                "--save-every    | 0s          | --save-every expects a number of steps",
                "--save-every    | 10 m        | --save-every expects a number of steps",
                "--save-every    | 1.5h        | --save-every expects a number of steps",
                "--save-every    | 9999999999  | --save-every expects a number of steps",
                "--save-every    | ٣           | --save-every expects a number of steps",
                "--seed          | 1.5         | '1.5' is not a long",
                "--seed          | 1e400       | '1e400' is not a long",
                "--epochs        | many        | 'many' is not an int",
                "--epochs        | 2147483648  | '2147483648' is not an int",
                "--optimiser     | sgd         | --optimiser"
            })
    void wrongOptionsAreNamed(String option, String value, String message) {
        Path out = folder.resolve("run");

        CommandResult result = CommandResult.of("train", "mlp", "--backend", "cpu-scalar", "--out", out, option, value);

        assertThat(result.code()).isEqualTo(ExitCodes.USAGE);
        assertThat(result.err()).startsWith("alborz: ").contains(message);
        assertThat(out).doesNotExist();
    }

    @Test
    void anUnknownModelIsNamed() {
        CommandResult result = CommandResult.of("train", "vgg");

        assertThat(result.code()).isEqualTo(ExitCodes.USAGE);
        assertThat(result.err()).contains("cifar-cnn, inception, lenet5, mlp", "'vgg'");
    }

    @Test
    void aBackendThatCannotRunIsNeverReplaced() {
        Path out = folder.resolve("run");
        CommandResult unknown = CommandResult.of("train", "mlp", "--backend", "tpu", "--out", out);
        assertThat(unknown.code()).isEqualTo(ExitCodes.BACKEND);
        assertThat(unknown.err()).contains("Backend 'tpu' does not exist", "cpu-scalar");
        assertThat(out).doesNotExist();

        assumeThat(Backends.find().candidates())
                .anyMatch(c -> c.name().equals("cuda") && c.probe() instanceof Probe.Unusable);
        CommandResult cuda = CommandResult.of("train", "mlp", "--backend", "cuda", "--out", out);
        assertThat(cuda.code()).isEqualTo(ExitCodes.BACKEND);
        assertThat(cuda.err()).contains("Backend 'cuda' cannot run: ", "Remedy: ");
        assertThat(cuda.out()).isEmpty();
        assertThat(out).doesNotExist();
    }

    @Test
    void missingAndTruncatedDataAreNamed() throws IOException {
        CommandResult missing = CommandResult.train("--data", folder.resolve("none"));
        assertThat(missing.code()).isEqualTo(ExitCodes.DATA);
        assertThat(missing.err()).contains(folder.resolve("none").toString(), "does not exist", "--data generated");

        Files.writeString(folder.resolve("batches.meta.txt"), "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n");
        Files.write(folder.resolve("data_batch_1.bin"), new byte[3073]);
        CommandResult truncated = CommandResult.train("--data", folder);
        assertThat(truncated.code()).isEqualTo(ExitCodes.DATA);
        assertThat(truncated.err()).contains("data_batch_1.bin should hold 30,730,000 bytes", "3,073 bytes");
    }

    @Test
    void dataAreKeptByTheDevice() {
        Path out = folder.resolve("kept");
        CommandResult result = CommandResult.train("--epochs", 1, "--augment", "--data-on-device", "on", "--out", out);
        assertThat(result.code()).as(result.err()).isZero();
        assertThat(out.resolve("config.json")).content().contains("\"data-on-device\" : \"on\"");
        assertThat(CommandResult.train("--data-on-device", "sometimes").err())
                .contains("--data-on-device expects one of auto, on, off, got 'sometimes'");
    }

    @Test
    void aProfileIsPrintedAndWrittenBesideTheCheckpoints() throws IOException {
        Path out = folder.resolve("profiled");
        CommandResult result = CommandResult.train("--epochs", 8, "--profile", "--profile-steps", 4, "--out", out);
        assertThat(result.code()).as(result.err()).isZero();
        assertThat(result.out())
                .contains("Profile of 4 steps after the first 10", "roofline", "Linear", "backward", "multiply-adds/s");
        JsonNode report =
                new ObjectMapper().readTree(out.resolve("profile.json").toFile());
        assertThat(report.get("roofline").get("bytes").asDouble()).isPositive();
        assertThat(report.get("rows").findValuesAsText("layer")).contains("1");
        assertThat(out.resolve("profile.csv")).content().startsWith("layer,operation,direction,calls,nanos");

        assertThat(CommandResult.train("--profile", "--graph-capture").err())
                .contains("--profile does not go with --graph-capture");
        assertThat(CommandResult.train("--epochs", 1, "--profile", "--out", folder.resolve("short"))
                        .out())
                .contains("No step was profiled");
    }

    @Test
    void tensorBoardFindsAResumedRunInOneFolder() throws IOException {
        Path out = folder.resolve("run");
        CommandResult first = CommandResult.train("--epochs", 1, "--tensorboard", "--out", out);
        assertThat(first.code()).as(first.err()).isZero();
        assertThat(first.out()).contains("tensorboard --logdir " + out.resolve("tensorboard"));
        CommandResult resumed = CommandResult.of("train", "--resume", "--out", out, "--epochs", 2, "--tensorboard");
        assertThat(resumed.code()).as(resumed.err()).isZero();
        assertThat(written(out, "tensorboard/train")).hasSize(2);
        assertThat(written(out, "tensorboard/validation")).hasSize(2);
        String parameters = Files.readString(written(out, "tensorboard").get(0), StandardCharsets.ISO_8859_1);
        assertThat(parameters).contains("learning_rate", "optimizer", "adam", "epoch_accuracy");
        CommandResult without = CommandResult.of("train", "--resume", "--out", out, "--epochs", 3);
        assertThat(without.code()).as(without.err()).isZero();
        assertThat(written(out, "tensorboard/train")).hasSize(2);
    }

    private static List<Path> written(Path run, String part) throws IOException {
        try (Stream<Path> files = Files.list(run.resolve(part))) {
            return files.filter(Files::isRegularFile).toList();
        }
    }
}
