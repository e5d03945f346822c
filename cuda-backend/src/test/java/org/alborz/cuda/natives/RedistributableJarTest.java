package org.alborz.cuda.natives;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RedistributableJarTest {
    private static final String INSIDE = "org/bytedeco/cuda/linux-x86_64/";

    @TempDir
    Path folder;

    @Test
    void takesWhatIsNeededAndNothingElse() throws IOException {
        Path jar = jar(
                INSIDE + "libcublas.so.12",
                INSIDE + "libcublasLt.so.12",
                INSIDE + "libcudnn.so.9",
                INSIDE + "libcudnn_engines_runtime_compiled.so.9",
                INSIDE + "libnvrtc.so.12",
                INSIDE + "libnvrtc-builtins.so.12.6",
                INSIDE + "libcusparse.so.12",
                INSIDE + "libcublas.so",
                "META-INF/MANIFEST.MF");
        Path cache = folder.resolve("a/cache");

        assertThat(RedistributableJar.install(jar, cache))
                .containsOnlyKeys(
                        "libcublas.so.12",
                        "libcublasLt.so.12",
                        "libcudnn.so.9",
                        "libcudnn_engines_runtime_compiled.so.9",
                        "libnvrtc.so.12",
                        "libnvrtc-builtins.so.12.6")
                .containsEntry("libcublas.so.12", (long) (INSIDE + "libcublas.so.12").length());

        assertThat(Files.readString(cache.resolve("libcublas.so.12"))).isEqualTo(INSIDE + "libcublas.so.12");
        try (var files = Files.list(cache)) {
            assertThat(files).hasSize(6);
        }
    }

    @Test
    void aSecondTimeOnlyWhatDiffersIsWritten() throws IOException {
        Path jar = jar("libcublas.so.12", "libcublasLt.so.12", "libcudnn.so.9");
        RedistributableJar.install(jar, folder);
        Files.writeString(folder.resolve("libcublas.so.12"), "LIBCUBLAS.so.12");
        Files.writeString(folder.resolve("libcudnn.so.9"), "cut");

        RedistributableJar.install(jar, folder);

        assertThat(folder.resolve("libcublas.so.12")).hasContent("LIBCUBLAS.so.12");
        assertThat(folder.resolve("libcudnn.so.9")).hasContent("libcudnn.so.9");
    }

    @Test
    void nothingIsWrittenOutsideOfTheFolder() throws IOException {
        Path jar = jar("../../libcublas.so.12", "libcublasLt.so.12", "/libcudnn.so.9");

        RedistributableJar.install(jar, folder.resolve("a/b"));

        assertThat(folder.resolve("libcublas.so.12")).doesNotExist();
        assertThat(folder.resolve("a/b/libcublas.so.12")).exists();
    }

    @Test
    void otherFilesAreRefused() throws IOException {
        assertThatThrownBy(() -> RedistributableJar.install(folder.resolve("none.jar"), folder))
                .isInstanceOf(IOException.class)
                .hasMessageContainingAll("none.jar", "mvn dependency:copy -Dartifact=org.bytedeco:cuda:");
        Path other = jar("libcublas.so.12", "libcudnn.so.9");
        assertThatThrownBy(() -> RedistributableJar.install(other, folder))
                .hasMessageContainingAll("holds no cuBLAS", "[libcublas.so.12, libcudnn.so.9]");
        Path text = Files.writeString(folder.resolve("text.jar"), "no jar");
        assertThatThrownBy(() -> RedistributableJar.install(text, folder)).hasMessageContaining("text.jar is no jar");
        assertThat(folder.resolve("libcublas.so.12")).doesNotExist();
    }

    /** Every entry holds its own name. */
    private Path jar(String... entries) throws IOException {
        Path jar = folder.resolve("redist.jar");
        try (OutputStream out = Files.newOutputStream(jar);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            for (String entry : List.of(entries)) {
                zip.putNextEntry(new ZipEntry(entry));
                zip.write(entry.getBytes(StandardCharsets.UTF_8));
            }
        }
        return jar;
    }
}
