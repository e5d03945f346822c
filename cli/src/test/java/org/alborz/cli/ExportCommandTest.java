package org.alborz.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.alborz.checkpoint.SafetensorsFile;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExportCommandTest {
    @TempDir
    static Path runs;

    private static Path run;
    private static Map<String, ByteBuffer> weights;

    @TempDir
    Path folder;

    /** A net with a convolution's four axes, and what the checkpoint holds of it. */
    @BeforeAll
    static void train() {
        run = runs.resolve("run");
        CommandResult trained = CommandResult.of(
                "train", "lenet5", "--backend", "cpu-vector", "--limit", 32, "--epochs", 1, "--out", run);
        assertThat(trained.code()).as(trained.err()).isZero();
        weights = new TreeMap<>();
        Weights.of(run.resolve("best.safetensors")).forEach((name, bytes) -> {
            if (name.startsWith("model.")) {
                weights.put(name.substring("model.".length()), bytes);
            }
        });
        assertThat(weights).hasSize(10);
    }

    @Test
    void safetensorsHoldTheBestWeightsAndNoTraining() throws IOException {
        Path file = folder.resolve("lenet5.safetensors");
        Path json = folder.resolve("report.json");
        CommandResult result = CommandResult.of("export", run, "--out", file, "--json", json);
        assertThat(result.code()).as(result.err()).isZero();
        assertThat(result.out()).contains("Wrote " + file + ": 10 tensors of lenet5 after epoch 1");
        assertThat(Weights.of(file)).isEqualTo(weights);
        try (SafetensorsFile saved = SafetensorsFile.open(file)) {
            assertThat(saved.metadata())
                    .containsEntry("model", "lenet5")
                    .containsKeys("classes", "settings", "program");
        }
        JsonNode report = new ObjectMapper().readTree(json.toFile());
        assertThat(report.at("/tensors/0/name").asText()).isEqualTo("0.weight");
        assertThat(report.at("/tensors/0/shape").toString()).isEqualTo("[6,3,5,5]");
        assertThat(report.at("/bytes").asLong()).isEqualTo(Files.size(file));
    }

    /** As numpy.lib.format describes it; numpy.load of 1.24.2 was seen to read it. */
    @Test
    void npzHoldsAnArrayForEachTensor() throws IOException {
        Path file = folder.resolve("weights.NPZ");
        CommandResult result = CommandResult.of("export", run.resolve("last.safetensors"), "--out", file);
        assertThat(result.code()).as(result.err()).isZero();
        Map<String, ByteBuffer> arrays = new TreeMap<>();
        try (InputStream in = Files.newInputStream(file);
                ZipInputStream zip = new ZipInputStream(in)) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                ByteBuffer array = ByteBuffer.wrap(zip.readAllBytes()).order(ByteOrder.LITTLE_ENDIAN);
                assertThat(new String(array.array(), 0, 8, StandardCharsets.ISO_8859_1))
                        .isEqualTo("\u0093NUMPY\u0001\u0000");
                int length = array.getShort(8);
                assertThat((10 + length) % 64).isZero();
                String header = new String(array.array(), 10, length, StandardCharsets.US_ASCII);
                assertThat(header).endsWith(" \n").startsWith("{'descr': '<f4', 'fortran_order': False, 'shape': (");
                if (entry.getName().equals("0.weight.npy")) {
                    assertThat(header).contains("'shape': (6, 3, 5, 5,), }");
                }
                arrays.put(
                        entry.getName().replaceFirst("\\.npy$", ""),
                        array.slice(10 + length, array.limit() - 10 - length));
            }
        }
        Map<String, ByteBuffer> last = new TreeMap<>();
        Weights.of(run.resolve("last.safetensors")).forEach((name, bytes) -> {
            if (weights.containsKey(name.replaceFirst("^model\\.", ""))) {
                last.put(name.replaceFirst("^model\\.", ""), bytes);
            }
        });
        assertThat(arrays).isEqualTo(last);
    }

    /** NumPy has no bfloat16; the report says what the file holds. */
    @Test
    void typesAreNamedAsWritten() {
        for (DType type : DType.values()) {
            String name = type.toString().toLowerCase(Locale.ROOT);
            assertThat(ExportCommand.Entry.of("w", type, Shape.of(2), ExportCommand.Format.SAFETENSORS)
                            .dtype())
                    .isEqualTo(name);
            assertThat(ExportCommand.Entry.of("w", type, Shape.of(2), ExportCommand.Format.NPZ)
                            .dtype())
                    .isEqualTo(type == DType.BFLOAT16 ? "float32" : name);
        }
    }

    @Test
    void whatCannotBeMeantIsRefused() throws IOException {
        CommandResult end = CommandResult.of("export", run, "--out", folder.resolve("weights.bin"));
        assertThat(end.code()).isEqualTo(ExitCodes.USAGE);
        assertThat(end.err()).contains("--out expects a name that ends with one of", ".safetensors", ".npz");
        CommandResult own = CommandResult.of("export", run, "--out", run.resolve("last.safetensors"));
        assertThat(own.code()).isEqualTo(ExitCodes.USAGE);
        assertThat(own.err()).contains("--out expects a file of its own");
        assertThat(CommandResult.of("export", run, "--out", folder.resolve("a.npz"), "--format", "pt")
                        .err())
                .contains("--format expects one of");
        assertThat(CommandResult.of("export", Files.createDirectory(folder.resolve("empty")), "--out", "a.npz")
                        .err())
                .contains("There is no run in");
        assertThat(CommandResult.of("export", folder.resolve("none.safetensors"), "--out", "a.npz")
                        .code())
                .isEqualTo(ExitCodes.DATA);
        assertThat(CommandResult.of("export", run, "--out", folder.resolve("a.npz"), "--json", folder.resolve("a.npz"))
                        .err())
                .contains("--json expects a file of its own");
    }
}
