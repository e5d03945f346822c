package org.alborz.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.alborz.checkpoint.Checkpoint;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Ends a running training from outside, as Ctrl-C does. */
@DisabledOnOs(OS.WINDOWS) // where a process is ended without being asked
class InterruptionTest {
    private static final int SIGINT = 2;
    private static final int SIGTERM = 15;
    private static final String IGNORED = "SigIgn:";
    private static final int CTRL_C = 3;

    @TempDir
    Path folder;

    @Test
    void savesWhereItStoodAndGoesOnFromThere() throws IOException, InterruptedException {
        Path out = folder.resolve("run");
        Path printed = folder.resolve("printed.txt");
        Process process = start(out, printed);
        try {
            while (process.isAlive() && !Files.exists(out.resolve("history.csv"))) {
                Thread.sleep(20);
            }
            process.destroy();
            assertThat(process.waitFor(180, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }

        assertThat(printed).content().contains("Stopped at step", "./alborz train --resume --out " + out);
        assertThat(process.exitValue()).isEqualTo(128 + SIGTERM); // Ctrl-C gives 130
        int epoch = Integer.parseInt(
                Checkpoint.metadata(out.resolve("last.safetensors")).get("epoch"));
        assertThat(epoch).isPositive();

        CommandResult resumed =
                CommandResult.of("train", "--resume", "--out", out, "--epochs", epoch + 1, "--backend", "cpu-scalar");
        assertThat(resumed.err()).isEmpty();
        assertThat(resumed.code()).isZero();
        assertThat(resumed.out()).contains("Going on after epoch " + epoch, "epoch " + (epoch + 1) + "/");
        assertThat(Files.readAllLines(out.resolve("history.csv"))).hasSize(1 + epoch + 1);
    }

    @Test
    void aStepThatHangsDoesNotKeepTheProcess() {
        try (Interruption interruption = Interruption.listen(Duration.ofMillis(1))) {
            interruption.request(); // returns though nothing was saved
            assertThat(interruption.isRequested()).isTrue();
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX) // where script takes these options
    void ctrlCOnATerminalDoesTheSame() throws IOException, InterruptedException {
        Path script = Path.of("/usr/bin/script"); // of util-linux; runs a command on a terminal of its own
        assumeThat(script).isExecutable();
        assumeThat(ignoresCtrlC())
                .as("a shell that runs the tests in its background has their processes ignore Ctrl-C")
                .isFalse();
        Path out = folder.resolve("run");
        Path printed = folder.resolve("printed.txt");
        List<String> command =
                command(out).stream().map(word -> "'" + word + "'").toList();
        Process process = new ProcessBuilder(script.toString(), "-qec", String.join(" ", command), "/dev/null")
                .redirectErrorStream(true)
                .redirectOutput(printed.toFile())
                .start();
        try {
            while (process.isAlive() && !Files.exists(out.resolve("history.csv"))) {
                Thread.sleep(20);
            }
            process.getOutputStream().write(CTRL_C);
            process.getOutputStream().flush();
            assertThat(process.waitFor(180, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }

        assertThat(printed).content().contains("Stopped at step", "loss ", "\r");
        assertThat(process.exitValue()).isEqualTo(ExitCodes.INTERRUPTED);
        assertThat(out.resolve("last.safetensors")).isNotEmptyFile();
    }

    /** Reads the mask of ignored signals, which new processes inherit; bit 0 stands for signal 1. */
    private static boolean ignoresCtrlC() throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
            return lines.filter(line -> line.startsWith(IGNORED))
                    .mapToLong(line -> Long.parseUnsignedLong(
                            line.substring(IGNORED.length()).strip(), 16))
                    .anyMatch(mask -> (mask >> SIGINT - 1 & 1) == 1);
        }
    }

    private static Process start(Path out, Path printed) throws IOException {
        return new ProcessBuilder(command(out))
                .redirectErrorStream(true)
                .redirectOutput(printed.toFile())
                .start();
    }

    private static List<String> command(Path out) {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        return List.of(
                java,
                "-cp",
                System.getProperty("java.class.path"),
                Alborz.class.getName(),
                "train",
                "mlp",
                "--backend",
                "cpu-scalar",
                "--limit",
                "32",
                "--batch-size",
                "8",
                "--epochs",
                "100000",
                "--out",
                out.toString());
    }
}
