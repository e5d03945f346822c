package org.alborz.cuda;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Builds libraries that look like NVIDIA's with gcc, and runs programs on them in JVMs of their own, since a JVM keeps what it has
 * loaded.
 */
final class FakeCuda {
    private static final Path SOURCE = Path.of("src/test/native/fake.c");

    private final Path folder;
    private int init;
    private int cuda = 12_080;
    private int devices = 2;
    private int capability = 90;
    private int step = -10;
    private int cublas = 12;
    private int cudnnCuda = 12_060;

    FakeCuda(Path folder) {
        this.folder = folder;
        assumeTrue(
                System.getProperty("os.name").equals("Linux")
                        && System.getProperty("os.arch").equals("amd64")
                        && Files.isExecutable(Path.of("/usr/bin/gcc")),
                "SKIPPED: loading is tested with libraries that gcc builds, on Linux x86_64 with /usr/bin/gcc");
    }

    /** Sets what {@code cuInit} returns. */
    FakeCuda init(int status) {
        init = status;
        return this;
    }

    FakeCuda cuda(int version) {
        cuda = version;
        return this;
    }

    FakeCuda devices(int count) {
        devices = count;
        return this;
    }

    /** Sets the first device's compute capability times ten, and how much more each further one has. */
    FakeCuda capability(int tenfold, int more) {
        capability = tenfold;
        step = more;
        return this;
    }

    FakeCuda cublas(int major) {
        cublas = major;
        return this;
    }

    FakeCuda cudnnFor(int version) {
        cudnnCuda = version;
        return this;
    }

    FakeCuda build() throws IOException, InterruptedException {
        library(
                "libcuda.so.1",
                "-DINIT=" + init,
                "-DCUDA=" + cuda,
                "-DDEVICES=" + devices,
                "-DCAPABILITY=" + capability,
                "-DSTEP=" + step);
        library("libcublasLt.so." + cublas, "-DPART=cublasLtCreate");
        String name = "libcublas.so." + cublas;
        library(name, "-DCUBLAS=" + cublas, versioned(name));
        return cudnn();
    }

    FakeCuda cudnn(String... options) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(List.of("-DCUDNN=90501", "-DCUDNN_CUDA=" + cudnnCuda));
        all.add(versioned("libcudnn.so.9"));
        all.addAll(List.of(options));
        return library("libcudnn.so.9", all.toArray(String[]::new));
    }

    /** Returns the option that gives all symbols a version, as NVIDIA's have their library's name. */
    String versioned(String version) throws IOException {
        Path map = Files.writeString(folder.resolve(version + ".map"), version + " { global: *; };\n");
        return "-Wl,--version-script=" + map;
    }

    /** Builds one library from the source. */
    FakeCuda library(String name, String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                "gcc",
                "-shared",
                "-fPIC",
                "-Wl,-soname," + name,
                "-o",
                folder.resolve(name).toString()));
        command.add(SOURCE.toString());
        command.addAll(List.of(options));
        String output = run(command);
        if (!Files.exists(folder.resolve(name))) {
            throw new IOException(String.format(Locale.ROOT, "gcc did not build %s: %s", name, output));
        }
        return this;
    }

    /** Runs a class's main on these libraries and returns what it printed. */
    String java(Class<?> main, String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Xmx128m",
                "-Dalborz.cuda.libraries=" + folder,
                "-cp",
                System.getProperty("java.class.path")));
        if (Runtime.version().feature() >= 24 && !List.of(options).contains("--illegal-native-access=deny")) {
            command.add("--enable-native-access=ALL-UNNAMED");
        }
        command.addAll(List.of(options));
        command.add(main.getName());
        return run(command);
    }

    private static String run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return output;
    }
}
