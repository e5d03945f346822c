package org.alborz.gpucheck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.alborz.softwarecuda.SoftwareCuda;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What only a GPU has, on the software one: captured steps, the device's memory, and its part of the heading. */
final class SoftwareGpuCheckTest {
    private static final String LIBRARIES = "alborz.cuda.libraries";

    @TempDir
    Path folder;

    @BeforeEach
    void build() {
        SoftwareCuda built = SoftwareCuda.build();
        if (built instanceof SoftwareCuda.Unavailable unavailable) {
            abort("SKIPPED: " + unavailable.reason());
        }
        System.setProperty(LIBRARIES, ((SoftwareCuda.Ready) built).folder().toString());
    }

    @AfterEach
    void clear() {
        System.clearProperty(LIBRARIES);
    }

    @Test
    void whatOnlyAGpuHasIsChecked() {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine command = GpuCheck.commandLine();
        command.setOut(new PrintWriter(out, true));
        command.setErr(new PrintWriter(err, true));
        int exit = command.execute(
                "--quick",
                "--only",
                "training,captured,leaks",
                "--log",
                folder.resolve("log").toString());
        assertThat(exit).as("%s%n%s", out, err).isZero();
        assertThat(out.toString())
                .contains("GPU 0 ", "compute capability", "cuBLAS ", "cuDNN ", "6 passed, 0 failed, 0 skipped");
    }
}
