package org.alborz.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SearchCommandTest {
    @TempDir
    Path folder;

    private static CommandResult search(Object... more) {
        List<String> small = List.of(
                "search", "mlp", "--backend", "cpu-scalar", "--limit", "16", "--batch-size", "8", "--epochs", "1");
        return CommandResult.of(Stream.concat(small.stream(), Stream.of(more)).toArray());
    }

    @Test
    void findsTheBestAndGoesOn() throws IOException {
        Path out = folder.resolve("s");
        Path json = folder.resolve("report.json");
        Object[] space = {
            "--vary", "learning-rate=1e-5..0.1:log", "--vary", "optimizer=sgd,adam", "--out", out, "--no-augment"
        };
        CommandResult first =
                search(Stream.concat(Stream.of(space), Stream.of("--trials", 2)).toArray());
        assertThat(first.code()).as(first.err()).isZero();
        assertThat(first.out())
                .contains("1/2  trial 0  val_loss ", "2/2  trial 1  ", "To train so:")
                .doesNotContain("trial 2");
        CommandResult second = search(Stream.concat(Stream.of(space), Stream.of("--trials", 4, "--json", json))
                .toArray());
        assertThat(second.code()).as(second.err()).isZero();
        assertThat(second.out())
                .contains(
                        "Going on after the 2 trials",
                        "3/4  trial 2  ",
                        "4/4  trial 3  ",
                        "./alborz train ",
                        "--no-augment mlp --learning-rate=")
                .doesNotContain("2/4  ");
        assertThat(Files.readAllLines(out.resolve("trials.jsonl"))).hasSize(5);
        assertThat(Files.readAllLines(out.resolve("trials.csv"))).hasSize(5);
        assertThat(out.resolve("search.html")).content().contains("<title>Search: mlp, val_loss</title>", "<polyline");
        assertThat(json).content().contains("\"best\"", "\"command\"", "\"optimizer\"");
        CommandResult other = search(Stream.concat(Stream.of(space), Stream.of("--trials", 4, "--seed", 9))
                .toArray());
        assertThat(other.code()).isEqualTo(ExitCodes.DATA);
        assertThat(other.err()).contains("is of another study", "--out");
    }

    @Test
    void theCommandOfTheBestCanBeCopiedIntoAShell() throws IOException {
        Path table =
                Files.writeString(folder.resolve("my table.csv"), "x,y\n" + "1,2\n2,4\n3,6\n4,8\n5,10\n".repeat(4));
        CommandResult result = CommandResult.of(
                "search",
                "mlp",
                "--data",
                table,
                "--target",
                "y",
                "--epochs",
                1,
                "--trials",
                1,
                "--out",
                folder.resolve("t"),
                "--backend",
                "cpu-scalar");
        assertThat(result.code()).as(result.err()).isZero();
        assertThat(result.out()).contains("./alborz train '--data=" + table + "' --target=y --epochs=1 mlp ");
    }

    @Test
    void aScheduleIsVariedWithItsSettings() throws IOException {
        Path out = folder.resolve("s");
        CommandResult result = search(
                "--vary",
                "schedule=constant,step:every=0.5,factor=0.2,plateau:patience=3",
                "--strategy",
                "grid",
                "--trials",
                3,
                "--out",
                out);
        assertThat(result.code()).as(result.err()).isZero();
        assertThat(result.out())
                .contains(
                        "schedule=constant ",
                        "schedule=step:every=0.5,factor=0.2 ",
                        "schedule=plateau:patience=3 ",
                        " left");
        assertThat(search("--vary", "schedule=constant,step:every=0,factor=2").err())
                .contains("--schedule expects for step's every a number", "'0'");
        assertThat(search("--vary", "schedule=every=2").err()).contains("--schedule expects one of");
    }

    @Test
    void twoSearchesInOneFolderAreRefusedInWords() throws IOException {
        Path out = folder.resolve("s");
        assertThat(search("--trials", 1, "--out", out).code()).isZero();
        try (FileChannel channel = FileChannel.open(out.resolve("trials.jsonl"), StandardOpenOption.WRITE);
                FileLock lock = channel.lock()) {
            assertThat(lock.isValid()).isTrue();
            CommandResult second = search("--trials", 2, "--out", out);
            assertThat(second.code()).isEqualTo(ExitCodes.FAILED);
            assertThat(second.err()).startsWith("alborz: Another study is running on " + out.resolve("trials.jsonl"));
        }
    }

    @Test
    void aFileThatCannotBeReplacedLeavesNothingBesideIt() throws IOException {
        Path taken = Files.createDirectories(folder.resolve("s.csv/full")).getParent();
        assertThatThrownBy(() -> AtomicFile.write(taken, "text")).isInstanceOf(CommandFailure.class);
        assertThatThrownBy(() -> AtomicFile.writeBeside(taken, "text")).isInstanceOf(CommandFailure.class);
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactly(taken);
        }
    }

    @Test
    void trialsAtATimeAndAshaWork() {
        CommandResult result = search(
                "--vary",
                "batch-size=16..64:log",
                "--strategy",
                "random",
                "--stop",
                "asha,divergence",
                "--parallel",
                2,
                "--trials",
                4,
                "--monitor",
                "val_accuracy",
                "--out",
                folder.resolve("p"));
        assertThat(result.code()).as(result.err()).isEqualTo(ExitCodes.USAGE);
        assertThat(result.err()).contains("--vary batch-size and --batch-size exclude each other");
        result = search(
                "--vary",
                "learning-rate=1e-4..1e-1:log",
                "--strategy",
                "random",
                "--stop",
                "asha,divergence",
                "--parallel",
                2,
                "--trials",
                4,
                "--monitor",
                "val_accuracy",
                "--out",
                folder.resolve("p"));
        assertThat(result.code()).as(result.err()).isZero();
        assertThat(result.out()).contains("val_accuracy 0.", "RandomSearch[seed=1]");
    }

    @Test
    void wrongOptionsAreRefused() {
        assertThat(search("--vary", "rate=1..2").err())
                .contains("--vary expects NAME=VALUES", "learning-rate", "'rate=1..2'");
        assertThat(search("--vary", "epochs=1..2").err()).contains("--vary expects NAME=VALUES");
        assertThat(search("--vary", "learning-rate=2..1").err())
                .contains("the first below the second, got 2.0 and 1.0");
        assertThat(search("--vary", "learning-rate=0..1:log").err()).contains("logarithmic scale");
        assertThat(search("--vary", "optimizer=adam,adamm").err()).contains("--optimizer expects one of", "'adamm'");
        assertThat(search("--vary", "layers=1..x").err()).contains("'x' is no whole number");
        assertThat(search("--stop", "none,asha").err()).contains("--stop none excludes");
        assertThat(search("--strategy", "tpe").err()).contains("--strategy expects one of bayesian");
        assertThat(search("--monitor", "val_f1", "--out", folder.resolve("m"), "--trials", 1)
                        .err())
                .contains("--monitor expects what is measured: loss, accuracy, with val_ or without, got 'val_f1'");
    }
}
