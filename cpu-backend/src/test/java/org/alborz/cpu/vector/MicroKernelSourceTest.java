package org.alborz.cpu.vector;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class MicroKernelSourceTest {
    private static final Path FILE = Path.of("src/main/java/org/alborz/cpu/vector/MicroKernels.java");

    @Test
    void theFileIsWhatTheGeneratorWrites() throws IOException {
        assertThat(Files.readString(FILE))
                .as(
                        "%s, which is written by: java -cp cpu-backend/target/test-classes:cpu-backend/target/classes"
                                + " --add-modules jdk.incubator.vector org.alborz.cpu.vector.MicroKernelSource cpu-backend/%s",
                        FILE, FILE)
                .isEqualTo(MicroKernelSource.text());
    }
}
