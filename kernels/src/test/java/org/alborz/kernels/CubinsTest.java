package org.alborz.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** {@code kernels/build --cubins}, with a shell script in place of ptxas that copies PTX and does not know sm_100. */
@EnabledOnOs(value = OS.LINUX, disabledReason = "a shell script")
final class CubinsTest {
    @TempDir
    Path folder;

    private Path build;
    private String output = "";

    @BeforeEach
    void makeKernels() throws IOException {
        build = folder.resolve("build");
        Files.copy(Path.of("build"), build);
        Path ptxas = Files.createDirectories(folder.resolve("bin")).resolve("ptxas");
        Files.write(
                ptxas,
                List.of(
                        "#!/bin/sh",
                        "[ \"$1\" != -arch=sm_100 ] || { echo \"Value 'sm_100' is not defined for option 'gpu-name'\"; exit 255; }",
                        "[ \"$2\" != --version ] || exit 0",
                        "cp \"$5\" \"$4\"",
                        "! grep -q broken \"$5\""));
        for (Path script : List.of(build, ptxas)) {
            Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        kernel("fill", "1");
        kernel("sort", "1");
    }

    private void kernel(String operation, String source) throws IOException {
        Path kernel = Files.createDirectories(folder.resolve(operation)).resolve(operation + ".cu");
        Files.writeString(kernel, source);
        Files.writeString(kernel.resolveSibling(operation + ".ptx"), "// source-sha256: " + source + "\n");
    }

    private int cubins() throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(build.toString(), "--cubins").redirectErrorStream(true);
        builder.environment().merge("PATH", folder.resolve("bin").toString(), (path, bin) -> bin + ":" + path);
        Process process = builder.start();
        output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return process.waitFor();
    }

    private Path made(String file) {
        return folder.resolve("target/cubins").resolve(file);
    }

    @Test
    void anArchitectureThatPtxasDoesNotKnowIsLeftOut() throws Exception {
        assertThat(cubins()).as(output).isZero();
        assertThat(output).contains("SKIPPED: sm_100", "sm_80: ", "sm_90: ").doesNotContain("sm_100: ");
        assertThat(made("sm_90/index.txt")).hasContent("fill 1\nsort 1\n");
        assertThat(made("sm_90/sort.cubin")).hasContent("// source-sha256: 1\n");
        assertThat(made("sm_100")).doesNotExist();
    }

    @Test
    void whatWasInterruptedIsNotTakenForTheCodeOfAnEarlierSource() throws Exception {
        assertThat(cubins()).as(output).isZero();
        kernel("fill", "broken");
        assertThat(cubins()).isNotZero();
        assertThat(made("sm_80/fill.cubin")).content().contains("broken");
        kernel("fill", "1");
        assertThat(cubins()).as(output).isZero();
        assertThat(made("sm_80/fill.cubin")).hasContent("// source-sha256: 1\n");
        assertThat(made("sm_80/index.txt")).hasContent("sort 1\nfill 1\n");
    }
}
