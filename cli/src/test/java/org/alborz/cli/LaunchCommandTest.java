package org.alborz.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.alborz.checkpoint.Checkpoint;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Trains by several processes of this machine. */
@Timeout(300)
@DisabledOnOs(OS.WINDOWS) // where a process is ended without being asked
class LaunchCommandTest {
    private static final int SIGTERM = 143;
    private static final int SIGKILL = 137;

    @TempDir
    Path folder;

    private Path printed() {
        return folder.resolve("printed.txt");
    }

    private Process launch(int ranks, Path out, Object... more) throws IOException {
        List<Object> words = new ArrayList<>(
                List.of("launch", "--ranks", ranks, "--timeout", 60, "train", "lenet5", "--backend", "cpu-scalar"));
        words.addAll(List.of("--optimizer", "momentum", "--limit", 36, "--batch-size", 8, "--out", out));
        words.addAll(Arrays.asList(more));
        return StartedCommand.start(printed(), words.toArray());
    }

    /** Waits until a process has ended; kills it with all that it started where it does not. */
    private static int end(Process process) throws InterruptedException {
        List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
        try {
            assertThat(process.waitFor(180, TimeUnit.SECONDS)).isTrue();
            for (ProcessHandle other : all) {
                assertThat(other.isAlive()).isFalse();
            }
            return process.exitValue();
        } finally {
            all.forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    private static void awaitFile(Process process, Path file) throws InterruptedException {
        while (process.isAlive() && !Files.exists(file)) {
            Thread.sleep(20);
        }
    }

    /** Five batches for two processes: the last step is of one. They go on where they stopped, and a run of one process cannot. */
    @Test
    void ranksTrainTogetherAndGoOn() throws IOException, InterruptedException {
        Path whole = folder.resolve("whole");
        assertThat(end(launch(2, whole, "--epochs", 2)))
                .as(Files.readString(printed()))
                .isZero();
        assertThat(Checkpoint.metadata(whole.resolve("last.safetensors")))
                .containsEntry("gradient_accumulation", "2")
                .containsEntry("step", "6")
                .containsEntry("batches_done", "10");
        String text = Files.readString(printed());
        assertThat(text).contains("epoch 2/2", "2 ranks train together", "[rank 1] INFO  rank 1 of 2");
        assertThat(text.lines().filter(line -> line.startsWith("epoch 1/2  loss")))
                .hasSize(1);
        assertThat(whole).isDirectoryContaining("glob:**/result.json").isDirectoryContaining("glob:**/report.html");

        Path parts = folder.resolve("parts");
        assertThat(end(launch(2, parts, "--epochs", 1))).isZero();
        Process resumed = StartedCommand.start(
                printed(),
                "launch",
                "--ranks",
                2,
                "train",
                "--resume",
                "--out",
                parts,
                "--epochs",
                2,
                "--backend",
                "cpu-scalar");
        assertThat(end(resumed)).as(Files.readString(printed())).isZero();
        assertThat(Weights.of(parts.resolve("last.safetensors")).equals(Weights.of(whole.resolve("last.safetensors"))))
                .isTrue();
        assertThat(Weights.figures(parts.resolve("history.csv")))
                .isEqualTo(Weights.figures(whole.resolve("history.csv")));

        CommandResult alone =
                CommandResult.of("train", "--resume", "--out", parts, "--epochs", 3, "--backend", "cpu-scalar");
        assertThat(alone.code()).isEqualTo(ExitCodes.DATA);
        assertThat(alone.err()).contains("gradient_accumulation");
    }

    @Test
    void aKilledRankEndsAllAndIsNamed() throws IOException, InterruptedException {
        Path out = folder.resolve("run");
        Process process = launch(2, out, "--epochs", 100_000);
        awaitFile(process, out.resolve("history.csv"));
        ProcessHandle second = process.children()
                .filter(child -> child.pid() != lockHolder(out))
                .findFirst()
                .orElseThrow();
        second.destroyForcibly();
        assertThat(end(process)).isEqualTo(SIGKILL);
        assertThat(printed()).content().contains("Rank 1 was ended by signal 9, the first of 2; all have ended");
    }

    private static long lockHolder(Path out) {
        try {
            return Long.parseLong(Files.readString(out.resolve(".lock")).split(" ")[1]);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Tag("sweep")
    @Test
    void aFailureBeforeTheTrainingEndsAllWithItsExitCode() throws IOException, InterruptedException {
        Path out = folder.resolve("run");
        Files.createDirectories(out);
        Files.writeString(out.resolve("result.json"), "not a run's");
        assertThat(end(launch(2, out, "--epochs", 1))).isEqualTo(ExitCodes.USAGE);
        assertThat(printed())
                .content()
                .contains("is damaged or not a run's", "Rank 0 failed with exit code 2, the first of 2");
    }

    /** Rank 1 learns of it with rank 0, which alone says how to go on. */
    @Tag("sweep")
    @Test
    void aLossThatIsNoNumberIsToldByRankZero() throws IOException, InterruptedException {
        Path out = folder.resolve("run");
        Path logs = folder.resolve("logs");
        Process process = StartedCommand.start(
                printed(),
                "launch",
                "--ranks",
                2,
                "--log-dir",
                logs,
                "train",
                "mlp",
                "--backend",
                "cpu-scalar",
                "--limit",
                64,
                "--batch-size",
                8,
                "--learning-rate",
                "1e30",
                "--out",
                out);
        assertThat(end(process)).isEqualTo(ExitCodes.FAILED);
        assertThat(printed())
                .content()
                .contains("The training failed", "Rank 0 failed with exit code 1", "stand above");
        assertThat(logs.resolve("rank1.log"))
                .content()
                .contains("The training of all ranks failed", "Rank 0 says more");
    }

    /** As a scheduler does that ends a job; Ctrl-C on a terminal reaches all processes. */
    @Tag("sweep")
    @Test
    void anInterruptionSavesAndLeavesNoProcess() throws IOException, InterruptedException {
        Path out = folder.resolve("run");
        Process process = launch(2, out, "--epochs", 100_000);
        awaitFile(process, out.resolve("history.csv"));
        process.destroy();
        assertThat(end(process)).isEqualTo(SIGTERM);
        assertThat(printed())
                .content()
                .contains("Stopped at step", "./alborz launch --ranks 2 train --resume --out " + out)
                .doesNotContain("could not be read");
        assertThat(Checkpoint.metadata(out.resolve("last.safetensors"))).containsEntry("gradient_accumulation", "2");
    }

    @Tag("sweep")
    @Test
    void ranksEndWhereTheLauncherIsKilled() throws IOException, InterruptedException {
        Path out = folder.resolve("run");
        Process process = launch(2, out, "--epochs", 100_000);
        awaitFile(process, out.resolve("history.csv"));
        List<ProcessHandle> ranks = process.children().toList();
        assertThat(ranks).hasSize(2);
        process.destroyForcibly();
        try {
            for (ProcessHandle rank : ranks) {
                rank.onExit().orTimeout(60, TimeUnit.SECONDS).join();
            }
        } finally {
            ranks.forEach(ProcessHandle::destroyForcibly);
        }
    }

    /** The launcher was killed while the rank's JVM started; the rank would wait for the others here. */
    @Test
    void aRankWhoseLauncherIsGoneEnds() throws IOException, InterruptedException {
        Process launcher = new ProcessBuilder("true").start();
        launcher.waitFor();
        Map<String, String> group = Map.of(
                RankGroup.RANK, "0",
                RankGroup.WORLD_SIZE, "2",
                RankGroup.MASTER_ADDR, "127.0.0.1",
                RankGroup.MASTER_PORT, Integer.toString(StartedCommand.freePort()),
                RankGroup.TOKEN, "0123456789abcdef",
                RankGroup.LAUNCHER, Long.toString(launcher.pid()));
        assertThat(end(train(group))).isEqualTo(ExitCodes.OTHER_RANK);
        assertThat(printed()).content().contains("Process " + launcher.pid(), "has ended");
    }

    private Process train(Map<String, String> environment) throws IOException {
        Path out = folder.resolve("run");
        ProcessBuilder builder = new ProcessBuilder(StartedCommand.words(
                        "train", "mlp", "--limit", 8, "--epochs", 1, "--backend", "cpu-scalar", "--out", out))
                .redirectErrorStream(true)
                .redirectOutput(printed().toFile());
        builder.environment().putAll(environment);
        return builder.start();
    }

    /** The setting is that of the run, which a resumption takes from the checkpoint. */
    @Tag("sweep")
    @Test
    void batchNormIsSynchronised() throws IOException, InterruptedException {
        Path out = folder.resolve("run");
        Process process = StartedCommand.start(
                printed(),
                "launch",
                "--ranks",
                2,
                "train",
                "resnet20",
                "--backend",
                "cpu-scalar",
                "--limit",
                12,
                "--batch-size",
                4,
                "--epochs",
                1,
                "--sync-batch-norm",
                "--out",
                out);
        assertThat(end(process)).as(Files.readString(printed())).isZero();
        assertThat(printed()).content().contains("batch norm is synchronised");
        assertThat(Checkpoint.metadata(out.resolve("last.safetensors")))
                .containsEntry("sync_batch_norm", "of 2 ranks")
                .containsEntry("step", "2");
        Process resumed = StartedCommand.start(
                printed(),
                "launch",
                "--ranks",
                2,
                "train",
                "--resume",
                "--out",
                out,
                "--epochs",
                2,
                "--backend",
                "cpu-scalar");
        assertThat(end(resumed)).as(Files.readString(printed())).isZero();
        assertThat(Checkpoint.metadata(out.resolve("last.safetensors"))).containsEntry("step", "4");
    }

    @Test
    void refusesWhatItCannotStart() throws IOException {
        assertThat(CommandResult.of("train", "--graph-capture", "--sync-batch-norm")
                        .err())
                .contains("--sync-batch-norm does not go with --graph-capture");
        assertThat(CommandResult.of("launch", "train").err()).contains("--ranks");
        assertThat(CommandResult.of("launch", "--ranks", 0, "train").err()).contains("--ranks");
        assertThat(CommandResult.of("launch", "--ranks", 2, "--keystore", "none.p12", "train")
                        .err())
                .contains("--keystore expects a file, got none.p12");
        Path keys = Files.writeString(folder.resolve("group.p12"), "");
        assertThat(CommandResult.of("launch", "--ranks", 2, "--keystore", keys, "--json", keys, "train")
                        .err())
                .contains("--json expects a file of its own");
        Path json = folder.resolve("report.json");
        assertThat(CommandResult.of("launch", "--ranks", 2, "--json", json, "train", "--json", json)
                        .err())
                .contains("--json expects a file of its own", "report.json");
        assertThat(CommandResult.of("launch", "--ranks", 2, "--json", json, "train", "--json=" + json)
                        .err())
                .contains("--json expects a file of its own", "report.json");
        CommandResult other = CommandResult.of("launch", "--ranks", 2, "evaluate", "--limit", 3);
        assertThat(other.code()).isEqualTo(ExitCodes.USAGE);
        assertThat(other.err()).contains("launch starts train, got 'evaluate'; try: ./alborz evaluate --limit 3");
        assertThat(CommandResult.of("launch", "--ranks", 2, "mlp", "--limit", 3).err())
                .contains("got 'mlp'; try: ./alborz launch --ranks 2 train mlp --limit 3");
    }

    @Test
    void anEnvironmentThatIsNotWholeIsRefused() throws IOException, InterruptedException {
        Map<String, String> part = Map.of(RankGroup.RANK, "1", RankGroup.WORLD_SIZE, "2");
        assertThat(end(train(part))).isEqualTo(ExitCodes.USAGE);
        assertThat(printed()).content().contains("MASTER_ADDR is not set", "./alborz launch sets all of them");
    }
}
