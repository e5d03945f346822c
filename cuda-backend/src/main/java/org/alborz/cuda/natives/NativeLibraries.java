package org.alborz.cuda.natives;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import jcuda.JCudaVersion;
import jcuda.Pointer;
import jcuda.driver.JCudaDriver;
import jcuda.jcublas.JCublas2;
import jcuda.jcudnn.JCudnn;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads NVIDIA's libraries and JCuda's natives. What is loaded belongs to the process and stays until it ends, so this is the one
 * class that remembers something beyond an instance: which libraries, or why it failed.
 *
 * <p>The order: driver, cublasLt, cublas, nvrtc, cudnn and its parts, each by its absolute path; what later libraries ask for by name
 * is then there already, wherever it is. Then JCuda's own.
 */
public final class NativeLibraries {
    private static final Logger log = LoggerFactory.getLogger(NativeLibraries.class);
    private static final String TEMPORARY = "java.io.tmpdir";
    private static final List<String> JCUDA = List.of("JCudaDriver", "JCublas2", "JCudnn");

    private static FoundLibraries loaded;
    private static NativeLoadException failure;

    private NativeLibraries() {}

    /**
     * Loads what was found; does nothing when that is loaded already.
     *
     * @param found a complete finding
     * @param temporary where JCuda's natives are unpacked for a moment
     * @throws NativeLoadException when something cannot be loaded. When it was JCuda, then also from then on, since the JVM does not
     *     initialise a class twice.
     */
    public static synchronized void load(FoundLibraries found, Path temporary) {
        if (!found.complete()) {
            throw new IllegalArgumentException("Expected a complete finding, got " + found);
        }
        if (failure != null) {
            throw failure;
        }
        if (loaded == null) {
            loadNow(found, temporary);
            loaded = found;
        } else if (!paths(loaded).equals(paths(found))) {
            throw new NativeLoadException(
                    "This JVM has already loaded other CUDA libraries: " + paths(loaded) + ", and not " + paths(found)
                            + ".",
                    "Use one set of libraries in a JVM, or start a new one.",
                    null);
        }
    }

    /**
     * Loads the libraries of one folder, whatever else the machine has.
     *
     * @throws NativeLoadException when something cannot be loaded, or this JVM has loaded others
     */
    public static void loadFrom(Path folder) {
        Host host = new Host(
                System.getProperty("os.name"),
                System.getProperty("os.arch"),
                Path.of("/"),
                System.getProperty("user.home"),
                System.getProperty(TEMPORARY),
                Optional.of(folder.toString()),
                Map.of());
        load(LibrarySearch.on(host), Path.of(System.getProperty(TEMPORARY)));
    }

    private static List<Path> paths(FoundLibraries found) {
        return found.all().map(Library::path).toList();
    }

    private static void loadNow(FoundLibraries found, Path temporary) {
        long start = System.nanoTime();
        FoundLibraries.Cublas cublas = found.cublas().orElseThrow();
        FoundLibraries.Cudnn cudnn = found.cudnn().orElseThrow();
        requireVersion(cublas.main());
        requireVersion(cudnn.main());
        load(found.driver().orElseThrow());
        load(cublas.light());
        load(cublas.main());
        found.nvrtc().ifPresent(NativeLibraries::load);
        load(cudnn.main());
        cudnn.parts().forEach(NativeLibraries::loadPart);
        initialise(cublas, temporary);
        log.debug("The CUDA libraries were loaded in {} ms", (System.nanoTime() - start) / 1_000_000);
    }

    /** JCuda asks for symbols under the library's name as their version; where that is missing, the first call ends the JVM. */
    private static void requireVersion(Library library) {
        try {
            List<String> versions = ElfFile.of(library.path()).definedVersions();
            if (!versions.contains(library.name())) {
                throw LoadFailures.foreign(library, versions);
            }
        } catch (IOException | IndexOutOfBoundsException | IllegalArgumentException | ArithmeticException e) {
            throw LoadFailures.explain(library.name(), library.path(), e);
        }
    }

    private static void load(Library library) {
        try {
            System.load(library.path().toAbsolutePath().toString());
            log.debug("Loaded {}", library);
        } catch (UnsatisfiedLinkError e) {
            if (!isLoadedElsewhere(e)) {
                throw LoadFailures.explain(library.name(), library.path(), e);
            }
            log.debug("{} is already loaded by another class loader", library);
        } catch (IllegalCallerException e) {
            throw LoadFailures.denied(library.name(), e);
        }
    }

    /** cuDNN loads its parts when it needs them; that they are there already only keeps it from taking others of the same name. */
    private static void loadPart(Library part) {
        try {
            load(part);
        } catch (NativeLoadException e) {
            log.warn("A part of cuDNN is left for cuDNN to load: {}", e.getMessage());
        }
    }

    private static boolean isLoadedElsewhere(UnsatisfiedLinkError e) {
        return String.valueOf(e.getMessage()).contains("already loaded in another classloader");
    }

    private static void initialise(FoundLibraries.Cublas cublas, Path temporary) {
        try (PrivateFolder folder = new PrivateFolder(temporary)) {
            for (String name : JCUDA) {
                unpack(name, cublas.main().major(), folder.path());
            }
            initialiseFrom(folder.path());
        } catch (IOException e) {
            throw new NativeLoadException(
                    "JCuda's natives could not be unpacked into " + temporary + ": " + e + ".",
                    "Free space or give write permission there, or choose another folder: -Djava.io.tmpdir=DIR.",
                    e);
        }
    }

    /** JCuda loads what is in the temporary folder under a name of its own. */
    private static void initialiseFrom(Path folder) {
        String usual = System.getProperty(TEMPORARY);
        System.setProperty(TEMPORARY, folder.toString());
        try {
            JCudaDriver.setExceptionsEnabled(false);
            JCublas2.setExceptionsEnabled(false);
            JCudnn.setExceptionsEnabled(false);
        } catch (LinkageError e) {
            failure = LoadFailures.explain("JCuda " + JCudaVersion.get(), folder, e);
            throw failure;
        } finally {
            System.setProperty(TEMPORARY, usual);
        }
    }

    private static void unpack(String library, int cublas, Path folder) throws IOException {
        String file = fileName(library);
        try (InputStream in = resource(library).orElseThrow(() -> LoadFailures.absent(file))) {
            byte[] bytes = in.readAllBytes();
            if (library.equals("JCublas2") && cublas != 12) {
                bytes = ElfPatch.replace(bytes, "libcublas.so.12", "libcublas.so." + cublas);
                log.debug("{} was changed to need libcublas.so.{}", file, cublas);
            }
            Files.write(folder.resolve(file), bytes);
        }
    }

    /** Returns whether JCuda's natives for this platform are on the class path. */
    static boolean areShipped() {
        return JCUDA.stream().allMatch(library -> Pointer.class.getResource("/lib/" + fileName(library)) != null);
    }

    private static Optional<InputStream> resource(String library) {
        return Optional.ofNullable(Pointer.class.getResourceAsStream("/lib/" + fileName(library)));
    }

    private static String fileName(String library) {
        return "lib" + library + "-" + JCudaVersion.get() + "-linux-x86_64.so";
    }
}
