package org.alborz.cuda.natives;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** A machine made of files below a folder; a Linux on x86_64 unless it is told otherwise. */
public final class FakeMachine {
    private final Path root;
    private final Map<String, String> environment = new HashMap<>();
    private String os = "Linux";
    private String arch = "amd64";
    private String libraries;
    private String home = "/home/user";

    public FakeMachine(Path root) throws IOException {
        this.root = root;
        Files.createDirectories(root.resolve("tmp"));
    }

    public Host host() {
        return new Host(os, arch, root, home, "/tmp", Optional.ofNullable(libraries), environment);
    }

    public FakeMachine platform(String system, String processor) {
        os = system;
        arch = processor;
        return this;
    }

    public FakeMachine withHome(String folder) {
        home = folder;
        return this;
    }

    public FakeMachine with(String variable, String value) {
        environment.put(variable, value);
        return this;
    }

    /** Sets the system property. */
    public FakeMachine withLibraries(String folders) {
        libraries = folders;
        return this;
    }

    /** Writes a library for this machine that contains a text. */
    public Path library(String path, String text) throws IOException {
        byte[] words = text.getBytes(StandardCharsets.ISO_8859_1);
        return write(path, header(2, 62).put(words).array());
    }

    public FakeMachine libraries(String folder, String... names) throws IOException {
        for (String name : names) {
            library(folder + "/" + name, "");
        }
        return this;
    }

    /** Writes a 32-bit library. */
    public Path smallLibrary(String path) throws IOException {
        return write(path, header(1, 3).array());
    }

    /** Writes the driver with its kernel module. */
    public FakeMachine driver() throws IOException {
        libraries("/usr/lib/x86_64-linux-gnu", "libcuda.so.1");
        return kernelModule(
                "NVRM version: NVIDIA UNIX x86_64 Kernel Module  570.86.15  Thu Jan  1 00:00:00 UTC 2026\n");
    }

    public FakeMachine kernelModule(String text) throws IOException {
        text("/proc/driver/nvidia/version", text);
        return this;
    }

    public Path text(String path, String text) throws IOException {
        return write(path, text.getBytes(StandardCharsets.UTF_8));
    }

    public Path link(String path, String target) throws IOException {
        Path link = root.resolve(path.substring(1));
        Files.createDirectories(link.getParent());
        return Files.createSymbolicLink(link, Path.of(target));
    }

    private Path write(String path, byte[] content) throws IOException {
        Path file = root.resolve(path.substring(1));
        Files.createDirectories(file.getParent());
        return Files.write(file, content);
    }

    private static ByteBuffer header(int bits, int machine) {
        ByteBuffer header = ByteBuffer.allocate(200).order(ByteOrder.LITTLE_ENDIAN);
        header.putInt(0, 0x464c457f)
                .put(4, (byte) bits)
                .putShort(18, (short) machine)
                .position(64);
        return header;
    }
}
