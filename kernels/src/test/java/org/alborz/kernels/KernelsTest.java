package org.alborz.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Holds the kernels' sources, what was compiled of them, and what README.md tells of them to each other. */
final class KernelsTest {
    private static final Path ROOT = Path.of("").toAbsolutePath();
    private static final Set<String> OTHER_FOLDERS = Set.of("common", "src", "target");
    private static final Pattern INCLUDE = Pattern.compile("#include \"(?:\\.\\./common/)?([a-z0-9_]*\\.cuh)\"");
    private static final Pattern ENTRY = Pattern.compile("\\.entry (\\w+)\\(([^)]*)\\)");
    private static final Pattern PARAMETER = Pattern.compile("\\.param [^,]*\\.([uf]\\d\\d|b8) \\w+(\\[\\d+])?");

    private static List<String> operations() throws IOException {
        try (Stream<Path> folders = Files.list(ROOT)) {
            return folders.filter(Files::isDirectory)
                    .map(folder -> folder.getFileName().toString())
                    .filter(name -> !OTHER_FOLDERS.contains(name) && !name.startsWith("."))
                    .sorted()
                    .toList();
        }
    }

    @TestFactory
    Stream<DynamicTest> thePtxIsMadeOfTheSource() throws IOException {
        return operations().stream()
                .map(name -> dynamicTest(name, () -> {
                    assertThat(file(name, ".cu")).isRegularFile();
                    assertThat(file(name, ".ptx")).isRegularFile();
                    assertThat(Files.readAllLines(file(name, ".ptx")).get(0))
                            .as(
                                    "stamp of %s.ptx; after editing %s.cu or what it includes, run kernels/build",
                                    name, name)
                            .isEqualTo("// source-sha256: " + stamp(file(name, ".cu")));
                }));
    }

    @TestFactory
    Stream<DynamicTest> thePtxSuitsOldDriversAndNamesNoMachine() throws IOException {
        return operations().stream()
                .map(name -> dynamicTest(name, () -> {
                    String ptx = Files.readString(file(name, ".ptx"));
                    assertThat(ptx).contains("\n.version 7.0\n.target sm_75\n").doesNotContain(".file ", ".loc ");
                    assertThat(ptx.split("\\.maxntid 256", -1))
                            .as("kernels for 256 threads")
                            .hasSize(entries(ptx).size() + 1);
                }));
    }

    @Test
    void theEnumsAreTheEngines() throws IOException {
        assertThat(Files.readString(ROOT.resolve("common/enums.cuh")))
                .as("common/enums.cuh; run kernels/build")
                .isEqualTo(DeviceEnums.header(ROOT.getParent()));
    }

    @Test
    void theLaunchesAreTypedAsTheKernels() throws IOException {
        assertThat(Files.readString(
                        ROOT.resolveSibling("cuda-backend/src/main/java/org/alborz/cuda/ops/KernelLauncher.java")))
                .as("KernelLauncher; run kernels/build")
                .isEqualTo(TypedLaunches.of(ROOT));
    }

    @Test
    void theReadmeTellsEveryKernelsParameters() throws IOException {
        Map<String, List<String>> compiled = new TreeMap<>();
        for (String name : operations()) {
            compiled.putAll(entries(Files.readString(file(name, ".ptx"))));
        }
        Map<String, List<String>> told = new TreeMap<>(new Readme(ROOT.resolve("README.md")).kernels());
        assertThat(told.keySet()).isEqualTo(compiled.keySet()).hasSizeGreaterThan(200);
        assertThat(told)
                .allSatisfy((name, parameters) ->
                        assertThat(parameters).as("parameters of %s", name).isEqualTo(compiled.get(name)));
    }

    @Test
    void theIndexNamesEveryKernel() throws IOException {
        List<String> lines = new ArrayList<>();
        for (String name : operations()) {
            lines.add(name + " "
                    + String.join(
                            " ", entries(Files.readString(file(name, ".ptx"))).keySet()));
        }
        assertThat(Files.readAllLines(ROOT.resolve("index.txt")))
                .as("index.txt; run kernels/build")
                .isEqualTo(lines);
    }

    private static Path file(String name, String suffix) {
        return ROOT.resolve(name).resolve(name + suffix);
    }

    /** Hashes the source followed by the headers that it includes, directly or by others, in the order of their names. */
    private static String stamp(Path source) throws IOException, NoSuchAlgorithmException {
        Set<String> headers = new TreeSet<>();
        collectHeaders(source, headers);
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        digest.update(Files.readAllBytes(source));
        for (String header : headers) {
            digest.update(Files.readAllBytes(ROOT.resolve("common").resolve(header)));
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static void collectHeaders(Path file, Set<String> headers) throws IOException {
        for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
            Matcher include = INCLUDE.matcher(line);
            if (include.matches() && headers.add(include.group(1))) {
                collectHeaders(ROOT.resolve("common").resolve(include.group(1)), headers);
            }
        }
    }

    /** Returns the types of the parameters of every kernel in a file, in the file's order. */
    private static Map<String, List<String>> entries(String ptx) {
        Map<String, List<String>> entries = new LinkedHashMap<>();
        Matcher entry = ENTRY.matcher(ptx);
        while (entry.find()) {
            List<String> types = new ArrayList<>();
            Matcher parameter = PARAMETER.matcher(entry.group(2));
            while (parameter.find()) {
                types.add(parameter.group(1) + (parameter.group(2) == null ? "" : parameter.group(2)));
            }
            entries.put(entry.group(1), types);
        }
        return entries;
    }
}
