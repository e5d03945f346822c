package org.alborz.cuda.natives;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Finds NVIDIA's wheels in the Pythons of a machine, without running one. */
final class PythonLocations {
    /** Below a Python's prefix. */
    private static final List<String> PACKAGES = List.of(
            "lib/python3*/site-packages",
            "lib64/python3*/site-packages",
            "lib/python3*/dist-packages",
            "local/lib/python3*/dist-packages");

    /** Below a folder of packages: {@code nvidia/cudnn/lib}, and {@code nvidia/cu13/lib} of the newer wheels. */
    private static final List<String> WHEELS = List.of("nvidia/*/lib", "torch/lib");

    private static final List<String> USUAL_PREFIXES = List.of("/usr", "/usr/local", "/opt/*/.venv", "/opt/*");

    private final Host host;

    PythonLocations(Host host) {
        this.host = host;
    }

    List<SearchLocation> list() {
        List<SearchLocation> locations = new ArrayList<>();
        for (Path prefix : prefixes()) {
            for (String packages : PACKAGES) {
                for (Path site : host.matching(below(prefix, packages))) {
                    add(locations, site);
                }
            }
        }
        return locations;
    }

    private void add(List<SearchLocation> locations, Path site) {
        List<Path> folders = WHEELS.stream()
                .flatMap(w -> host.matching(below(site, w)).stream())
                .toList();
        if (!folders.isEmpty()) {
            locations.add(new SearchLocation("Python's " + site, false, folders));
        }
    }

    private Set<Path> prefixes() {
        Set<Path> prefixes = new LinkedHashSet<>();
        for (String variable : List.of("VIRTUAL_ENV", "CONDA_PREFIX")) {
            String prefix = host.environment().getOrDefault(variable, "");
            if (!prefix.isBlank()) {
                prefixes.addAll(host.matching(prefix));
            }
        }
        for (String folder : host.folders("PATH")) {
            for (String name : List.of("python3", "python")) {
                host.matching(folder + "/" + name).forEach(python -> addPrefixes(prefixes, python));
            }
        }
        host.inHome("/.local").ifPresent(p -> prefixes.addAll(host.matching(p)));
        USUAL_PREFIXES.forEach(p -> prefixes.addAll(host.matching(p)));
        host.inHome("/.pyenv/versions/*").ifPresent(p -> prefixes.addAll(host.matching(p)));
        return prefixes;
    }

    /** A virtual environment's interpreter links to the one it was made with; the packages may be with either. */
    private static void addPrefixes(Set<Path> prefixes, Path python) {
        addPrefix(prefixes, python);
        try {
            addPrefix(prefixes, python.toRealPath());
        } catch (IOException e) {
            return; // a link to nowhere
        }
    }

    private static void addPrefix(Set<Path> prefixes, Path python) {
        Path prefix = python.toAbsolutePath().getParent().getParent();
        if (prefix != null && Files.isDirectory(prefix)) {
            prefixes.add(prefix);
        }
    }

    private String below(Path folder, String pattern) {
        return host.root().relativize(folder) + "/" + pattern;
    }
}
