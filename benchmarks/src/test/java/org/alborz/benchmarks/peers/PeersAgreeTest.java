package org.alborz.benchmarks.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** PyTorch and OpenBLAS compute what Alborz computes, in every kind of row; skipped where they are not built. */
@Tag("sweep")
final class PeersAgreeTest {
    private static final Path FOLDER = Path.of("target", "peers").toAbsolutePath();

    /** No time is measured, and threads that wait actively would disturb others for long. */
    private static final Map<String, String> ENVIRONMENT = Map.of("OMP_WAIT_POLICY", "PASSIVE");

    @TempDir
    private Path exchange;

    private final Worker ours = new Worker(new AlborzContestant());

    @Test
    void openBlasAgrees() {
        List<String> works = new ArrayList<>();
        for (String transposed : List.of("", "-tn", "-nt")) {
            works.add("gemm" + transposed + "-67");
            works.add("gemm" + transposed + "-256-all");
        }
        agree("blas.OpenBlasContestant", works);
    }

    @Test
    void pyTorchAgreesOnNets() {
        agree(
                "torch.TorchContestant",
                Arrays.stream(Net.values())
                        .flatMap(net -> Stream.of("train-" + net.word() + "-2", "infer-" + net.word() + "-2"))
                        .toList());
    }

    @Test
    void pyTorchAgreesOnFunctions() {
        agree(
                "torch.TorchContestant",
                Arrays.stream(RowFunction.values())
                        .map(function -> function.word() + "-37x129")
                        .toList());
    }

    private void agree(String main, List<String> works) {
        assumeTrue(
                Files.exists(FOLDER.resolve("classpath")),
                "PyTorch and OpenBLAS are not built in " + FOLDER + ", so nothing was compared; ./alborz bench --peers"
                        + " builds them");
        List<String> prepared = works.stream()
                .map(work -> "prepare " + work + " 0.01 " + exchange)
                .toList();
        for (String line : prepared) {
            String answer = ours.answer(line);
            assertThat(answer).as(line).startsWith("ready ");
        }
        List<String> answers;
        try {
            answers = ask(main, prepared);
        } catch (IOException e) {
            throw new UncheckedIOException(main + " could not be asked", e);
        }
        assertThat(answers).hasSameSizeAs(works).allMatch(answer -> answer.startsWith("ready "));
    }

    private static List<String> ask(String main, List<String> lines) throws IOException {
        String classPath = FOLDER.resolve("alborz-benchmarks.jar")
                + File.pathSeparator
                + Files.readString(FOLDER.resolve("classpath")).strip();
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Dai.djl.offline=true",
                        "-DOPT_OUT_TRACKING=true",
                        "-DDJL_CACHE_DIR=" + FOLDER.resolve("djl"),
                        "-Dai.djl.pytorch.num_interop_threads=1",
                        "-Dai.djl.pytorch.graph_optimizer=false",
                        "-cp",
                        classPath,
                        Worker.class.getPackageName() + "." + main)
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().putAll(ENVIRONMENT);
        Process process = builder.start();
        List<String> answers = new ArrayList<>();
        try (BufferedWriter toIt = process.outputWriter(StandardCharsets.UTF_8);
                BufferedReader fromIt = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line : lines) {
                toIt.write(line);
                toIt.newLine();
                toIt.flush();
                answers.add(fromIt.readLine());
            }
        }
        return answers;
    }
}
