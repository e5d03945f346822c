package org.alborz.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.zip.GZIPOutputStream;
import org.alborz.random.RandomStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Trains on the rows of CSV files. */
class TableTest {
    @TempDir
    Path folder;

    private Path table;

    /** Houses whose price, in hundreds of thousands, depends on size and town, and whose kind depends on the size. */
    @BeforeEach
    void write() throws IOException {
        table = folder.resolve("houses.csv");
        Files.writeString(table, houses(1, 240));
    }

    private static String houses(long seed, int rows) {
        StringBuilder text = new StringBuilder("size,town,price,kind,grade\n");
        RandomStream random = new RandomStream(seed, 0);
        for (int i = 0; i < rows; i++) {
            double size = 40 + 160 * random.uniform();
            boolean york = random.uniform() < 0.5;
            long price = Math.round(100_000 + 2_000 * size + (york ? 150_000 : 0));
            text.append(String.format(
                    Locale.ROOT,
                    "%.1f,%s,%d,%s,%d%n",
                    size,
                    york ? "York" : "Hull",
                    price,
                    size > 120 ? "large" : "small",
                    size > 120 ? 1 : 0));
        }
        return text.toString();
    }

    private static CommandResult train(Path data, Object... more) {
        Object[] all = new Object[more.length + 6];
        System.arraycopy(new Object[] {"train", "mlp", "--backend", "cpu-vector", "--data", data}, 0, all, 0, 6);
        System.arraycopy(more, 0, all, 6, more.length);
        return CommandResult.of(all);
    }

    private static JsonNode json(Path file) throws IOException {
        return new ObjectMapper().readTree(file.toFile());
    }

    @Test
    void numbersAreLearnedInTheirOwnUnits() throws IOException {
        Path out = folder.resolve("run");
        CommandResult trained = train(table, "--target", "price", "--learning-rate", 0.01, "--out", out);
        assertThat(trained.code()).as(trained.err()).isZero();
        assertThat(trained.out())
                .contains("192 rows of " + table + ", 4 columns to predict price (a number)")
                .contains("  mae ", "  r2 ", "Best validation loss ", " rows/s");
        assertThat(Files.readAllLines(out.resolve("history.csv")).get(0))
                .isEqualTo("epoch,loss,mae,r2,val_loss,val_mae,val_r2,learning_rate,seconds,rows_per_second");
        JsonNode report = json(out.resolve("result.json"));
        assertThat(report.at("/task").asText()).isEqualTo("REGRESSION");
        assertThat(report.at("/best/val_r2").asDouble()).isGreaterThan(0.97);
        assertThat(report.at("/best/val_mae").asDouble()).isBetween(100.0, 20_000.0);

        Path figures = folder.resolve("figures.json");
        CommandResult held = CommandResult.of(
                "evaluate", out.resolve("best.safetensors"), "--json", figures, "--backend", "cpu-vector");
        assertThat(held.code()).as(held.err()).isZero();
        assertThat(held.out()).contains("of 48 rows", "mae", "r2");
        assertThat(json(figures).at("/metrics/mae").asDouble())
                .isEqualTo(report.at("/best/val_mae").asDouble());

        Path other = Files.writeString(folder.resolve("other.csv"), houses(2, 30));
        CommandResult others = CommandResult.of("evaluate", out.resolve("best.safetensors"), "--data", other);
        assertThat(others.code()).as(others.err()).isZero();
        assertThat(others.out()).contains("30 rows of " + other);
    }

    @Test
    void wordsAreClassesAndARunGoesOn() throws IOException {
        Path straight = folder.resolve("straight");
        Path broken = folder.resolve("broken");
        CommandResult trained =
                train(table, "--target", "kind", "--epochs", 6, "--hidden", "16", "--metrics", "f1", "--out", straight);
        assertThat(trained.code()).as(trained.err()).isZero();
        assertThat(trained.out()).contains("to predict kind (2 classes)", "mlp, 130 parameters", "  f1 0.");
        train(table, "--target", "kind", "--epochs", 3, "--hidden", "16", "--metrics", "f1", "--out", broken);
        CommandResult resumed = CommandResult.of("train", "--resume", "--out", broken, "--epochs", 6);
        assertThat(resumed.code()).as(resumed.err()).isZero();
        assertThat(Weights.figures(broken.resolve("history.csv")))
                .isEqualTo(Weights.figures(straight.resolve("history.csv")));
        CommandResult other = train(table, "--resume", "--out", broken, "--target", "town");
        assertThat(other.code()).isEqualTo(ExitCodes.USAGE);
        assertThat(other.err()).contains("--target kind, not town");
        CommandResult evaluated = CommandResult.of("evaluate", straight.resolve("best.safetensors"));
        assertThat(evaluated.out()).contains("of 48 rows", "large", "small");
    }

    @Test
    void wholeNumbersAreClassesWhereThatIsAskedFor() {
        CommandResult trained = train(
                table, "--target", "grade", "--task", "classification", "--epochs", 1, "--out", folder.resolve("run"));
        assertThat(trained.code()).as(trained.err()).isZero();
        assertThat(trained.out()).contains("to predict grade (2 classes)", "accuracy");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "mlp      | --epochs=1                      | 2 | --target expects the name of the column to predict",
                "mlp      | --target=prize                  | 2 | has the columns 'size', 'town', 'price', 'kind', 'grade', and not 'prize'",
                "resnet20 | --target=price                  | 2 | CSV files are for mlp",
                "mlp      | --target=price --augment        | 2 | --augment is for images",
                "mlp      | --target=price --image-size=64  | 2 | --image-size is for images",
                "mlp      | --target=price --metrics=f1     | 2 | --metrics expects no names where numbers are predicted",
                "mlp      | --target=kind --task=regression | 2 | --task regression expects numbers in the column 'kind'",
                "mlp      | --target=kind --task=ranking    | 2 | --task expects one of classification, regression",
                "mlp      | --target=kind --hidden=0        | 2 | --hidden expects at least 1",
                "mlp      | --target=kind --hidden=64+big   | 2 | --hidden expects a whole number from 1 to 65536, got 'big'",
                "mlp      | --target=kind --layers=2        | 2 | --layers has no meaning for mlp on a table"
            })
    void whatDoesNotFitIsNamed(String model, String options, int code, String message) {
        Object[] given = (model + " " + options).split(" ");
        Object[] all = new Object[given.length + 3];
        all[0] = "train";
        System.arraycopy(given, 0, all, 1, given.length);
        all[given.length + 1] = "--data";
        all[given.length + 2] = table;
        CommandResult result = CommandResult.of(all);
        assertThat(result.code()).as(result.err()).isEqualTo(code);
        assertThat(result.err()).contains(message);
    }

    @Test
    void rowsArePredictedWithAndWithoutTheColumn() throws IOException {
        Path out = folder.resolve("run");
        train(table, "--target", "price", "--learning-rate", 0.01, "--epochs", 30, "--out", out);
        Path best = out.resolve("best.safetensors");
        Path without = Files.writeString(
                folder.resolve("new.csv"), "size,town,kind,grade\n60,Hull,small,0\n,Hull,small,0\n180,York,large,1\n");
        Path with = folder.resolve("old.tsv.gz");
        try (OutputStream packed = new GZIPOutputStream(Files.newOutputStream(with))) {
            packed.write("size\ttown\tprice\tkind\tgrade\n60\tHull\t\tsmall\t0\n180\tYork\t1\tlarge\t1\n"
                    .getBytes(StandardCharsets.UTF_8));
        }
        Path json = folder.resolve("predictions.json");

        CommandResult result =
                CommandResult.of("predict", best, without, with, "--backend", "cpu-vector", "--json", json);

        assertThat(result.code()).isEqualTo(ExitCodes.DATA);
        assertThat(result.err())
                .contains("new.csv, line 3: the column 'size' has no value")
                .doesNotContain("line 2");
        assertThat(result.out()).contains("new.csv, line 2: ", "new.csv, line 4: ", "old.tsv.gz, line 2: ");
        JsonNode rows = json(json);
        assertThat(rows).hasSize(5);
        assertThat(rows.at("/0/value").asDouble()).isBetween(150_000.0, 290_000.0);
        assertThat(rows.at("/2/value").asDouble()).isBetween(500_000.0, 720_000.0);
        assertThat(rows.at("/1/value").isNull()).isTrue();
        assertThat(rows.at("/3/value")).isEqualTo(rows.at("/0/value"));
        assertThat(rows.at("/4/value")).isEqualTo(rows.at("/2/value"));
        Path unknown = Files.writeString(folder.resolve("x.csv"), "size,town,kind,grade\n60,Leeds,small,0\n");
        assertThat(CommandResult.of("predict", best, unknown).err()).contains("line 2", "'Leeds'");
        assertThat(CommandResult.of("predict", best, without, "--json", table).err())
                .contains("--json expects a file of its own");
        String before = Files.readString(table);
        // One more row of known categories changes nothing; one of another town moves the places of those behind it.
        String last = before.strip().substring(before.strip().lastIndexOf('\n') + 1);
        Files.writeString(table, before + last + "\n");
        assertThat(CommandResult.of("predict", best, without).err()).doesNotContain("other columns or categories");
        Files.writeString(table, before + last.replace("Hull", "Bath").replace("York", "Bath") + "\n");
        assertThat(CommandResult.of("predict", best, without).err())
                .contains("The table that the net was trained on", "has other columns or categories now");
        Files.move(table, folder.resolve("moved.csv"));
        assertThat(CommandResult.of("predict", best, without).err())
                .contains("The table that the net was trained on", "is missing");
    }

    @Test
    void classesOfRowsArePredicted() throws IOException {
        Path out = folder.resolve("run");
        train(table, "--target", "kind", "--epochs", 20, "--hidden", "16", "--learning-rate", 0.01, "--out", out);
        Path some = Files.writeString(folder.resolve("some.csv"), "size,town,price,grade\n60,Hull,220000,0\n");
        CommandResult result = CommandResult.of("predict", out.resolve("last.safetensors"), some);
        assertThat(result.code()).as(result.err()).isZero();
        assertThat(result.out().strip()).matches(".*some.csv, line 2: small [\\d.]+ %, large [\\d.]+ %");
    }

    @Test
    void aTableOfOneRowIsRefused() throws IOException {
        CommandResult result = train(Files.writeString(folder.resolve("one.csv"), "x,y\n1,2\n,3\n"), "--target", "y");
        assertThat(result.code()).isEqualTo(ExitCodes.DATA);
        assertThat(result.err()).contains("one.csv' has only one row", "--data");
    }

    @Test
    void aTableThatIsNotThereAndImagesToPredictAreNamed() {
        CommandResult missing = train(folder.resolve("none.csv"), "--target", "price");
        assertThat(missing.code()).isEqualTo(ExitCodes.DATA);
        assertThat(missing.err()).contains("none.csv");
        Path out = folder.resolve("run");
        train(table, "--target", "kind", "--epochs", 1, "--out", out);
        CommandResult predicted = CommandResult.of("predict", out.resolve("best.safetensors"), "a.png");
        assertThat(predicted.code()).isEqualTo(ExitCodes.USAGE);
        assertThat(predicted.err()).contains("is a model of tables");
        CommandResult written = CommandResult.of("generate", out);
        assertThat(written.code()).isEqualTo(ExitCodes.USAGE);
        assertThat(written.err()).contains("which writes no text");
    }
}
