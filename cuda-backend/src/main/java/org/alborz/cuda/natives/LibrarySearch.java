package org.alborz.cuda.natives;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.alborz.cuda.natives.FoundLibraries.Cublas;
import org.alborz.cuda.natives.FoundLibraries.Cudnn;

/**
 * Looks for NVIDIA's libraries by their files: loading one to find out could bring down a JVM that cannot use it.
 *
 * <p>What the user named comes first: the system property {@value Host#LIBRARIES_PROPERTY}, the variable
 * {@value Host#LIBRARIES_VARIABLE}, {@code LD_LIBRARY_PATH}. Then come toolkits, the system's folders, Pythons, and Alborz's cache;
 * of these a location that has both cuBLAS and cuDNN goes before one that has only one of them, since versions in one location fit each
 * other. Otherwise the first location wins. In one location cuBLAS 12 goes before 13.
 */
public final class LibrarySearch {
    static final String DRIVER = "libcuda.so.1";
    static final String CUDNN = "libcudnn.so.9";
    static final List<Integer> CUBLAS_VERSIONS = List.of(12, 13);

    /** What convolutions need; other parts differ between versions of cuDNN 9 and are taken as they are there. */
    private static final List<String> CUDNN_PARTS = List.of(
            "libcudnn_graph.so.9",
            "libcudnn_ops.so.9",
            "libcudnn_cnn.so.9",
            "libcudnn_heuristic.so.9",
            "libcudnn_engines_precompiled.so.9",
            "libcudnn_engines_runtime_compiled.so.9");

    private static final Pattern KERNEL_VERSION = Pattern.compile("\\b\\d{3,}\\.\\d+(\\.\\d+)?\\b");
    private static final List<String> KERNEL_DEVICES = List.of("/dev/nvidiactl", "/dev/dxg");

    private final Host host;
    private final List<String> passedOver = new ArrayList<>();

    private LibrarySearch(Host host) {
        this.host = host;
    }

    /** Searches a machine. Never throws, and loads nothing. */
    public static FoundLibraries on(Host host) {
        return new LibrarySearch(host).run(new SearchLocations(host).ofLibraries());
    }

    /** Searches a machine for the driver only, which takes a tenth of the time; nothing else can be used without it. */
    public static FoundLibraries forDriverOn(Host host) {
        return new LibrarySearch(host).run(List.of());
    }

    /** Searches a machine for a library that not everything needs, in the same order of locations. */
    static Optional<Library> of(String name, Host host) {
        LibrarySearch search = new LibrarySearch(host);
        return new SearchLocations(host)
                .ofLibraries().stream()
                        .flatMap(location -> search.find(location, name).stream())
                        .findFirst();
    }

    private FoundLibraries run(List<SearchLocation> forLibraries) {
        List<SearchLocation> forDriver = new SearchLocations(host).ofDriver();
        Optional<Found<Library>> driver = first(forDriver, p -> find(p, DRIVER));
        Optional<SearchLocation> both = forLibraries.stream()
                .filter(p -> !p.named())
                .filter(p -> cublas(p).isPresent() && cudnn(p).isPresent())
                .findFirst();
        Optional<Found<Cublas>> cublas = choose(forLibraries, both, this::cublas);
        Optional<Found<Cudnn>> cudnn = choose(forLibraries, both, this::cudnn);
        return new FoundLibraries(
                driver.map(Found::what),
                driver.filter(d -> d.where().named()).isPresent(),
                kernelModule(),
                KERNEL_DEVICES.stream()
                        .anyMatch(d -> host.at(d).filter(Files::exists).isPresent()),
                cublas.map(Found::what),
                cudnn.map(Found::what),
                nvrtc(forLibraries, cublas, cudnn),
                passedOver.stream().distinct().toList(),
                forDriver,
                forLibraries);
    }

    private record Found<T>(SearchLocation where, T what) {}

    /** Takes a named location, then the one that has everything, then the first. */
    private static <T> Optional<Found<T>> choose(
            List<SearchLocation> locations, Optional<SearchLocation> both, Function<SearchLocation, Optional<T>> look) {
        Stream<SearchLocation> order = Stream.of(
                        locations.stream().filter(SearchLocation::named), both.stream(), locations.stream())
                .flatMap(s -> s);
        return first(order.toList(), look);
    }

    private static <T> Optional<Found<T>> first(
            List<SearchLocation> locations, Function<SearchLocation, Optional<T>> look) {
        return locations.stream()
                .flatMap(p -> look.apply(p).map(found -> new Found<>(p, found)).stream())
                .findFirst();
    }

    private Optional<Cublas> cublas(SearchLocation location) {
        for (int version : CUBLAS_VERSIONS) {
            for (Path folder : location.folders()) {
                Optional<Library> light = find(folder, "libcublasLt.so." + version);
                Optional<Library> main = find(folder, "libcublas.so." + version);
                if (light.isPresent() && main.isPresent()) {
                    return Optional.of(new Cublas(light.get(), main.get()));
                }
                light.or(() -> main)
                        .ifPresent(alone -> passOver(alone.path(), "of libcublas and libcublasLt only one is there"));
            }
        }
        return Optional.empty();
    }

    private Optional<Cudnn> cudnn(SearchLocation location) {
        for (Path folder : location.folders()) {
            Path old = folder.resolve("libcudnn.so.8");
            if (Files.exists(old)) {
                passOver(old, "this is cuDNN 8, and Alborz needs cuDNN 9");
            }
        }
        return find(location, CUDNN).map(main -> {
            List<Library> parts = parts(main.folder());
            return new Cudnn(main, parts, missing(main, parts));
        });
    }

    private List<Library> parts(Path folder) {
        List<Library> parts = new ArrayList<>();
        for (String name : CUDNN_PARTS) {
            find(folder, name).ifPresent(parts::add);
        }
        try (Stream<Path> more = Files.list(folder)) {
            more.map(p -> p.getFileName().toString())
                    .filter(n -> n.matches("libcudnn_\\w+\\.so\\.9") && !CUDNN_PARTS.contains(n))
                    .sorted()
                    .forEach(n -> find(folder, n).ifPresent(parts::add));
        } catch (IOException e) {
            return parts; // a folder that may be entered and not listed
        }
        return parts;
    }

    /** A cuDNN that stands alone has no use for parts; NVIDIA's names them within. */
    private static List<String> missing(Library main, List<Library> parts) {
        if (parts.isEmpty() && !Elf.mentions(main.path(), "libcudnn_")) {
            return List.of();
        }
        List<String> there = parts.stream().map(Library::name).toList();
        return CUDNN_PARTS.stream().filter(p -> !there.contains(p)).toList();
    }

    /** Takes the compiler that is with cuDNN or cuBLAS, else any that fits. */
    private Optional<Library> nvrtc(
            List<SearchLocation> locations, Optional<Found<Cublas>> cublas, Optional<Found<Cudnn>> cudnn) {
        if (cublas.isEmpty()) {
            return Optional.empty();
        }
        String name = "libnvrtc.so." + cublas.get().what().main().major();
        Stream<SearchLocation> order = Stream.of(
                        cudnn.map(Found::where).stream(), cublas.map(Found::where).stream(), locations.stream())
                .flatMap(s -> s);
        return order.flatMap(p -> find(p, name).stream()).findFirst();
    }

    private Optional<Library> find(SearchLocation location, String name) {
        return location.folders().stream().flatMap(f -> find(f, name).stream()).findFirst();
    }

    private Optional<Library> find(Path folder, String name) {
        Path path = folder.resolve(name);
        if (!Files.exists(path)) {
            return Optional.empty();
        }
        Optional<String> fault = Elf.fault(path);
        fault.ifPresent(why -> passOver(path, why));
        return fault.isPresent() ? Optional.empty() : Optional.of(Library.at(path));
    }

    private void passOver(Path path, String why) {
        passedOver.add(path + ": " + why);
    }

    private Optional<String> kernelModule() {
        return host.at("/proc/driver/nvidia/version").filter(Files::isReadable).map(file -> {
            try {
                Matcher version = KERNEL_VERSION.matcher(Files.readString(file));
                return version.find() ? version.group() : "of unknown version";
            } catch (IOException e) {
                return "of unknown version";
            }
        });
    }
}
