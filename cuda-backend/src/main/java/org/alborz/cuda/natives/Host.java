package org.alborz.cuda.natives;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What there is to know of a machine without loading anything; tests make one up.
 *
 * @param os the operating system, as in the system property {@code os.name}
 * @param arch the processor, as in {@code os.arch}
 * @param root where absolute paths start
 * @param home the user's home folder, an absolute path below the root; empty where it is not known, as in some containers
 * @param temporary where natives are unpacked, an absolute path below the root
 * @param libraries the value of the system property {@value #LIBRARIES_PROPERTY}
 * @param environment the environment variables
 */
public record Host(
        String os,
        String arch,
        Path root,
        String home,
        String temporary,
        Optional<String> libraries,
        Map<String, String> environment) {
    /** Takes what is no absolute path, such as the JVM's {@code ?}, for an unknown home: it would mean another folder wherever Java starts. */
    public Host {
        home = isAbsolute(home) ? home : "";
    }

    /** Names a folder that is searched before all others, or several with colons between. */
    public static final String LIBRARIES_PROPERTY = "alborz.cuda.libraries";

    /** The vendor's number and the class of its GPUs on the PCI bus. */
    private static final String NVIDIA = "0x10de";

    private static final String DISPLAY = "0x03";

    /** The environment variable that does the same. */
    public static final String LIBRARIES_VARIABLE = "ALBORZ_CUDA_LIBRARIES";

    /** Returns this machine. */
    public static Host ofThis() {
        return new Host(
                System.getProperty("os.name"),
                System.getProperty("os.arch"),
                Path.of("/"),
                System.getProperty("user.home"),
                Path.of(System.getProperty("java.io.tmpdir")).toAbsolutePath().toString(),
                Optional.ofNullable(System.getProperty(LIBRARIES_PROPERTY)),
                System.getenv());
    }

    /** Returns whether JCuda has natives for this machine that Alborz ships. */
    public boolean isSupported() {
        return isLinux() && (arch.equals("amd64") || arch.equals("x86_64"));
    }

    /** Tells whether an NVIDIA GPU is on the PCI bus, with or without a driver; false where the bus cannot be read. */
    public boolean hasNvidiaGpu() {
        return matching("/sys/bus/pci/devices/*/vendor").stream()
                .filter(vendor -> startsWith(vendor, NVIDIA))
                .anyMatch(vendor -> startsWith(vendor.resolveSibling("class"), DISPLAY));
    }

    private static boolean startsWith(Path file, String text) {
        try {
            return Files.readString(file).startsWith(text);
        } catch (IOException e) {
            return false;
        }
    }

    boolean isLinux() {
        return os.toLowerCase(Locale.ROOT).startsWith("linux");
    }

    /** Returns where this user's programs keep what can be fetched again, for CUDA's libraries; nothing where that is not known. */
    public Optional<Path> cache() {
        String caches = environment.getOrDefault("XDG_CACHE_HOME", "");
        return isAbsolute(caches)
                ? at(caches + "/alborz/cuda")
                : inHome("/.cache/alborz/cuda").flatMap(this::at);
    }

    /** Returns a path in the home folder, or nothing where that is not known. */
    Optional<String> inHome(String path) {
        return home.isEmpty() ? Optional.empty() : Optional.of(home + path);
    }

    private static boolean isAbsolute(String path) {
        try {
            return path != null && !path.isEmpty() && Path.of(path).isAbsolute();
        } catch (InvalidPathException e) {
            return false;
        }
    }

    /** Returns a path below the root, or nothing where the text is no possible path. */
    Optional<Path> at(String path) {
        try {
            return Optional.of(path.startsWith("/") ? root.resolve(path.substring(1)) : Path.of(path));
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }

    /** Returns a variable's folders, which colons separate; empty ones are left out. */
    List<String> folders(String variable) {
        return split(environment.getOrDefault(variable, ""));
    }

    static List<String> split(String folders) {
        return Arrays.stream(folders.split(":", -1)).filter(f -> !f.isBlank()).toList();
    }

    /**
     * Returns the paths that match a pattern with {@code *} in some of its names, such as {@code /usr/local/cuda-*}{@code /lib64};
     * higher versions come first. What cannot be read is passed over.
     */
    List<Path> matching(String pattern) {
        List<Path> paths = List.of(root);
        for (String name : pattern.split("/")) {
            if (!name.isEmpty()) {
                paths = paths.stream().flatMap(p -> children(p, name).stream()).toList();
            }
        }
        return paths;
    }

    private static List<Path> children(Path folder, String name) {
        if (!name.contains("*")) {
            try {
                Path child = folder.resolve(name);
                return Files.exists(child) ? List.of(child) : List.of();
            } catch (InvalidPathException e) {
                return List.of();
            }
        }
        List<Path> children = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder, name)) {
            stream.forEach(children::add);
        } catch (IOException | RuntimeException e) {
            return List.of(); // not a folder, or not ours to read
        }
        children.sort(
                Comparator.comparing((Path p) -> Version.in(p.getFileName().toString()))
                        .reversed()
                        .thenComparing(Comparator.naturalOrder()));
        return children;
    }
}
