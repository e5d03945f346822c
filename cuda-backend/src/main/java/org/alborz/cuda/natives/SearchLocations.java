package org.alborz.cuda.natives;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Lists where libraries may be, in the order in which they are taken. Never throws. */
final class SearchLocations {
    private static final List<String> TOOLKIT_VARIABLES = List.of("CUDA_HOME", "CUDA_PATH", "CONDA_PREFIX");
    private static final List<String> TOOLKIT_FOLDERS = List.of("lib64", "targets/x86_64-linux/lib", "lib");
    private static final List<String> SYSTEM_FOLDERS = List.of("/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/lib");
    private static final List<String> DRIVER_FOLDERS =
            List.of("/usr/lib/wsl/lib", "/usr/local/nvidia/lib64", "/run/opengl-driver/lib");

    private final Host host;

    SearchLocations(Host host) {
        this.host = host;
    }

    /** Returns where the driver's library may be. */
    List<SearchLocation> ofDriver() {
        List<SearchLocation> locations = named();
        locations.add(location("/etc/ld.so.conf.d", loaderFolders().stream()));
        locations.add(location("the system", Stream.concat(SYSTEM_FOLDERS.stream(), DRIVER_FOLDERS.stream())));
        return locations;
    }

    /** Returns where cuBLAS and cuDNN may be. */
    List<SearchLocation> ofLibraries() {
        List<SearchLocation> locations = named();
        for (String variable : TOOLKIT_VARIABLES) {
            String toolkit = host.environment().getOrDefault(variable, "");
            if (!toolkit.isBlank()) {
                locations.add(
                        new SearchLocation(variable, false, toolkit(toolkit).folders()));
            }
        }
        locations.add(toolkit("/usr/local/cuda"));
        locations.add(toolkit("/opt/cuda"));
        for (String pattern : List.of("/usr/local/cuda-*", "/opt/cuda-*")) {
            host.matching(pattern)
                    .forEach(t -> locations.add(toolkit("/" + host.root().relativize(t))));
        }
        locations.add(location("/etc/ld.so.conf.d", loaderFolders().stream()));
        locations.add(location("the system", SYSTEM_FOLDERS.stream()));
        locations.addAll(new PythonLocations(host).list());
        host.cache().ifPresent(folder -> locations.add(new SearchLocation("Alborz's cache", false, List.of(folder))));
        return locations;
    }

    private SearchLocation toolkit(String folder) {
        return location("CUDA toolkit", TOOLKIT_FOLDERS.stream().map(f -> folder + "/" + f));
    }

    private List<SearchLocation> named() {
        List<SearchLocation> locations = new ArrayList<>();
        host.libraries().ifPresent(f -> locations.add(named(Host.LIBRARIES_PROPERTY, Host.split(f))));
        for (String variable : List.of(Host.LIBRARIES_VARIABLE, "LD_LIBRARY_PATH")) {
            List<String> folders = host.folders(variable);
            if (!folders.isEmpty()) {
                locations.add(named(variable, folders));
            }
        }
        return locations;
    }

    private SearchLocation named(String origin, List<String> folders) {
        return new SearchLocation(origin, true, existing(folders.stream()));
    }

    private SearchLocation location(String origin, Stream<String> folders) {
        return new SearchLocation(origin, false, existing(folders));
    }

    /** Leaves out what is no path, and the toolkit's stubs: they are for linking, and every call to them fails. */
    private List<Path> existing(Stream<String> folders) {
        return folders.flatMap(f -> host.at(f).stream())
                .filter(f -> !f.endsWith("stubs"))
                .distinct()
                .toList();
    }

    /**
     * Returns the folders that the system's loader was told of, in its order: NVIDIA's containers put a newer driver before the
     * host's that way.
     */
    private Set<String> loaderFolders() {
        Set<String> folders = new LinkedHashSet<>();
        for (Path file :
                host.matching("/etc/ld.so.conf.d/*.conf").stream().sorted().toList()) {
            try (Stream<String> lines = Files.lines(file)) {
                lines.map(String::strip).filter(l -> l.startsWith("/")).forEach(folders::add);
            } catch (IOException | RuntimeException e) {
                continue; // not ours to read
            }
        }
        return folders;
    }
}
