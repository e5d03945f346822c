package org.alborz.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class StandardOutputTest {
    @TempDir
    Path folder;

    private static final class Broken extends OutputStream {
        private final String reason;

        private Broken(String reason) {
            this.reason = reason;
        }

        @Override
        public void write(int one) throws IOException {
            throw new IOException(reason);
        }
    }

    /** Runs a command as {@code main} does. */
    private static CommandResult run(OutputStream target, String... args) {
        CommandLine root = Alborz.commandLine();
        StandardOutput out = new StandardOutput(target, StandardCharsets.UTF_8);
        StringWriter err = new StringWriter();
        root.setOut(out.writer());
        root.setErr(new PrintWriter(err));
        int code = out.conclude(Alborz.run(root, args), root.getErr());
        return new CommandResult(code, "", err.toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--help",
                "--version",
                "train --help",
                "doctor",
                "train mlp --limit 8 --epochs 1 --backend cpu-scalar --out OUT",
                "bench --backend cpu-scalar --work gemm-512 --repetitions 1 --seconds 0"
            })
    void outputThatIsLostIsAnError(String line) {
        String[] args = line.replace("OUT", folder.resolve("run").toString()).split(" ");

        CommandResult full = run(new Broken("No space left on device"), args);
        assertThat(full.code()).isEqualTo(ExitCodes.OUTPUT);
        assertThat(full.err()).containsOnlyOnce("No space left on device").contains("free space");
    }

    @Test
    void aReaderThatHasGoneNeedsNoMessage() {
        CommandResult gone = run(new Broken("Broken pipe"), "doctor");
        assertThat(gone.code()).isEqualTo(ExitCodes.BROKEN_PIPE);
        assertThat(gone.err()).isEmpty();
    }

    @Test
    void aFailureKeepsItsOwnCode() {
        assertThat(run(new Broken("No space left on device"), "doctor", "--backend", "tpu")
                        .code())
                .isEqualTo(ExitCodes.BACKEND);
        assertThat(run(new ByteArrayOutputStream(), "--version").code()).isZero();
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aFullDeviceIsAnErrorOfTheProcess() throws IOException, InterruptedException {
        Path err = folder.resolve("err.txt");
        Process process = new ProcessBuilder(StartedCommand.words("--help"))
                .redirectOutput(Path.of("/dev/full").toFile())
                .redirectError(err.toFile())
                .start();

        assertThat(process.waitFor()).isEqualTo(ExitCodes.OUTPUT);
        assertThat(err).content().contains("No space left on device").doesNotContain("\tat ");
    }

    @Test
    void filesWhoseNamesBeginWithAnAtSignAreNoOptions() throws IOException {
        Path options = Files.writeString(folder.resolve("x.png"), "--help");

        CommandResult result = CommandResult.of("predict", "none.safetensors", "@" + options);

        assertThat(result.code()).isEqualTo(ExitCodes.DATA);
        assertThat(result.err()).contains("none.safetensors");
        assertThat(List.of(result.out())).containsExactly("");
    }
}
