package org.alborz.cpu.vector;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class JvmOptionsTest {
    private static final Pattern KERNELS =
            Pattern.compile("-XX:CompileCommand=(\\w+),(org\\.alborz\\.[\\w.]+)::\\*,(\\S+)");

    private static final Pattern LIMIT = Pattern.compile("-XX:PerMethod\\w+=\\d+");

    private static final Pattern VECTORS =
            Pattern.compile("jdk/incubator/vector/(Float|Double|Byte|Short|Int|Long)Vector");

    /**
     * Not worth waiting for: what runs once at the start, and what that calls. {@code NormalNumbers} must not be compiled early, before the Vector API's methods for 64 bits
     * are profiled, which nothing else calls as often: compiled thirty times sooner, its vectors are objects in most processes, as the second compiler
     * takes no profile of less than 1,000 calls.
     */
    private static final Set<String> OTHERS =
            Set.of("TypeProfiles", "HalfRows", "Lanes", "NormalNumbers", "package-info");

    @Test
    void theOptionsNameTheClassesThatComputeWithVectors() throws Exception {
        Set<String> named = new TreeSet<>();
        for (String line : lines()) {
            Matcher command = KERNELS.matcher(line);
            assertThat(command.matches()).as(line).isTrue();
            named.add(command.group(2));
        }
        assertThat(named)
                .as("classes in jvm.options, which the first steps are slow without")
                .isEqualTo(classesWithVectors());
    }

    private static Set<String> classesWithVectors() throws Exception {
        String place = VectorBackend.class.getPackageName();
        Path folder = Path.of(VectorBackend.class
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .toURI())
                .resolve(place.replace('.', '/'));
        Set<String> found = new TreeSet<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                String name = file.getFileName().toString().replace(".class", "");
                boolean computes = VECTORS.matcher(Files.readString(file, StandardCharsets.ISO_8859_1))
                        .find();
                if (computes && !name.contains("$") && !OTHERS.contains(name)) {
                    found.add(place + "." + name);
                }
            }
        }
        return found;
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

    /** Programs, executors and tests that do not read the file are told the same limits. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "docs/guide/getting-started.md",
                "docs/guide/spark.md",
                "pom.xml",
                "spark/train-locally",
                "spark/src/main/java/org/alborz/spark/Requirements.java"
            })
    void othersNameTheSameLimits(String file) throws IOException {
        assertThat(limits(file)).isEqualTo(limits("jvm.options")).isNotEmpty();
    }

    private static Set<String> limits(String file) throws IOException {
        return LIMIT.matcher(Files.readString(Path.of("..", file)))
                .results()
                .map(MatchResult::group)
                .collect(Collectors.toSet());
    }

    private static List<String> lines() throws IOException {
        return Files.readAllLines(Path.of("../jvm.options")).stream()
                .filter(line -> line.startsWith("-XX:CompileCommand=") && line.contains("org.alborz"))
                .toList();
    }
}
