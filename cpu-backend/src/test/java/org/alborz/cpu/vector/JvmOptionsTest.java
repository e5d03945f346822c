package org.alborz.cpu.vector;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

final class JvmOptionsTest {
    private static final Pattern KERNELS =
            Pattern.compile("-XX:CompileCommand=(\\w+),(org\\.alborz\\.[\\w.]+)::\\*,(\\S+)");

    /** The JVM passes over names that it does not know. */
    @Test
    void everyClassWhoseCompilationTheOptionsChangeExists() throws Exception {
        List<String> lines = lines();
        assertThat(lines).isNotEmpty();
        for (String line : lines) {
            Matcher command = KERNELS.matcher(line);
            assertThat(command.matches()).as(line).isTrue();
            Class.forName(command.group(2), false, getClass().getClassLoader());
        }
    }

    @Test
    void everyKernelIsCompiledSoonerAndWaitedFor() throws IOException {
        List<String> lines = lines();
        List<String> sooner = classes(lines, "CompileThresholdScaling");
        assertThat(sooner).doesNotHaveDuplicates().isEqualTo(classes(lines, "BackgroundCompilation"));
    }

    private static List<String> classes(List<String> lines, String option) {
        return lines.stream()
                .map(KERNELS::matcher)
                .filter(command -> command.matches() && command.group(1).equals(option))
                .map(command -> command.group(2))
                .toList();
    }

    private static List<String> lines() throws IOException {
        return Files.readAllLines(Path.of("../jvm.options")).stream()
                .filter(line -> line.startsWith("-XX:CompileCommand=") && line.contains("org.alborz"))
                .toList();
    }
}
