package org.alborz.cuda;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Looks for NVIDIA's driver by its files alone: loading the library to find out could bring down a JVM that cannot use
 * it.
 *
 * @param os the operating system, as in the system property {@code os.name}
 * @param root where absolute folders start, {@code /} unless a test says otherwise
 * @param environment the environment variables
 */
record DriverSearch(String os, Path root, Map<String, String> environment) {
    private static final List<String> LINUX_FOLDERS = List.of(
            "/usr/lib/x86_64-linux-gnu",
            "/usr/lib/aarch64-linux-gnu",
            "/usr/lib64",
            "/usr/lib",
            "/usr/lib/wsl/lib",
            "/usr/local/nvidia/lib64",
            "/run/opengl-driver/lib");
    private static final String KERNEL_MODULE = "/proc/driver/nvidia/version";
    private static final Pattern VERSION = Pattern.compile("\\b\\d{3,}\\.\\d+(\\.\\d+)?\\b");

    /**
     * What was found.
     *
     * @param library the file name of the driver's library, empty where there is no CUDA for the operating system
     * @param path where that library lies
     * @param kernelModule the version of the loaded kernel module; only Linux tells
     * @param folders where was looked
     */
    record Findings(String library, Optional<Path> path, Optional<String> kernelModule, List<String> folders) {}

    static DriverSearch ofThisMachine() {
        return new DriverSearch(System.getProperty("os.name"), Path.of("/"), System.getenv());
    }

    /** Looks in every folder that the system's loader would look in. Never throws. */
    Findings run() {
        String name = os.toLowerCase(Locale.ROOT);
        if (name.startsWith("linux")) {
            return find("libcuda.so.1", linuxFolders());
        }
        if (name.startsWith("windows")) {
            return find("nvcuda.dll", List.of(environment.getOrDefault("SystemRoot", "C:\\Windows") + "\\System32"));
        }
        return find("", List.of());
    }

    private Findings find(String library, List<String> folders) {
        Optional<Path> path = folders.stream()
                .flatMap(folder -> resolve(folder).stream())
                .map(folder -> folder.resolve(library))
                .filter(Files::exists)
                .findFirst();
        return new Findings(library, path, kernelModule(), folders);
    }

    private List<String> linuxFolders() {
        List<String> folders = new ArrayList<>();
        for (String folder : environment.getOrDefault("LD_LIBRARY_PATH", "").split(":", -1)) {
            if (!folder.isBlank() && !folders.contains(folder)) {
                folders.add(folder);
            }
        }
        folders.addAll(LINUX_FOLDERS.stream().filter(f -> !folders.contains(f)).toList());
        return folders;
    }

    private Optional<String> kernelModule() {
        Path file = root.resolve(KERNEL_MODULE.substring(1));
        try {
            if (!Files.isReadable(file)) {
                return Optional.empty();
            }
            Matcher version = VERSION.matcher(Files.readString(file));
            return Optional.of(version.find() ? version.group() : "of unknown version");
        } catch (IOException e) {
            return Optional.of("of unknown version");
        }
    }

    /** Returns the folder below the root, or nothing where the text names no possible folder. */
    private Optional<Path> resolve(String folder) {
        try {
            return Optional.of(folder.startsWith("/") ? root.resolve(folder.substring(1)) : Path.of(folder));
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }
}
