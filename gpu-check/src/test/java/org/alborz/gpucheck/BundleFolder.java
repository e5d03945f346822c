package org.alborz.gpucheck;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A folder as {@code tools/gpu-bundle} makes it, with a shell script in place of its Java. */
final class BundleFolder {
    private final Path folder;
    private String output = "";

    private BundleFolder(Path folder) {
        this.folder = folder;
    }

    /** Makes a bundle in an empty folder. */
    static BundleFolder make(Path folder, String... java) throws IOException {
        Path tools = Files.createDirectories(folder.resolve("tools"));
        for (String name : List.of("bundle-java", "gpu-check", "gpu-first-run", "torch_cnn.py")) {
            Files.copy(Path.of("..", "tools", name), tools.resolve(name));
            setExecutable(tools.resolve(name));
        }
        Files.copy(Path.of("..", "jvm.options"), folder.resolve("jvm.options"));
        writeScript(Files.createDirectories(folder.resolve("runtime/bin")).resolve("java"), java);
        Files.createDirectories(folder.resolve("lib"));
        return new BundleFolder(folder);
    }

    /** Writes an executable shell script. */
    static void writeScript(Path file, String... lines) throws IOException {
        List<String> all = new ArrayList<>(List.of("#!/usr/bin/env bash"));
        all.addAll(List.of(lines));
        Files.write(file, all);
        setExecutable(file);
    }

    private static void setExecutable(Path file) throws IOException {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** Puts a jar into the bundle that names the classes of this JVM. */
    void addThisClassPath() throws IOException {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes()
                .put(
                        Attributes.Name.CLASS_PATH,
                        Stream.of(System.getProperty("java.class.path").split(":"))
                                .map(entry -> Path.of(entry).toUri().toString())
                                .collect(Collectors.joining(" ")));
        try (OutputStream file = Files.newOutputStream(folder.resolve("lib/all.jar"))) {
            new JarOutputStream(file, manifest).close();
        }
    }

    /** Runs {@code tools/gpu-first-run}, whose files go into {@link #out}, and returns its exit code. */
    int firstRun(Map<String, String> environment, String... arguments) throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(List.of(folder.resolve("tools/gpu-first-run").toString(), "--out", out().toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
        builder.environment().putAll(environment);
        Process process = builder.start();
        output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return process.waitFor();
    }

    Path out() {
        return folder.resolve("out");
    }

    Path tools() {
        return folder.resolve("tools");
    }

    /** Returns what the last run printed. */
    String output() {
        return output;
    }
}
