package org.alborz.cuda.natives;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Enumeration;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/** Takes cuBLAS and cuDNN out of a jar that carries CUDA's libraries, such as {@code org.bytedeco:cuda}'s. */
public final class RedistributableJar {
    private static final Pattern WANTED =
            Pattern.compile("lib(cublas|cublasLt|cudnn|cudnn_\\w+|nvrtc|nvrtc-builtins)\\.so(\\.\\d+)+");

    private RedistributableJar() {}

    /**
     * Checks a jar without writing anything.
     *
     * @throws IOException naming the jar, when it cannot be read, or holds no cuBLAS and cuDNN
     */
    public static void requireUsable(Path jar) throws IOException {
        with(jar, (zip, libraries) -> {});
    }

    /**
     * Writes the libraries of a jar into a folder, from where {@link LibrarySearch} takes them when it is {@link Host#cache()}.
     * Files that are there already with the same size are left.
     *
     * @return the size in bytes of each library that the folder now has from the jar, by name
     * @throws IOException naming the jar, when it cannot be read, holds no cuBLAS and cuDNN, or the folder has not enough space
     */
    public static Map<String, Long> install(Path jar, Path folder) throws IOException {
        Map<String, Long> sizes = new TreeMap<>();
        with(jar, (zip, libraries) -> {
            Files.createDirectories(folder);
            requireSpace(folder, libraries);
            for (Map.Entry<String, ZipEntry> library : libraries.entrySet()) {
                copy(zip, library.getValue(), folder.resolve(library.getKey()));
                sizes.put(library.getKey(), library.getValue().getSize());
            }
        });
        return sizes;
    }

    /** Does something with the libraries of a jar. */
    private interface Use {
        void of(ZipFile zip, Map<String, ZipEntry> libraries) throws IOException;
    }

    private static void with(Path jar, Use use) throws IOException {
        if (!Files.isRegularFile(jar)) {
            throw new IOException("There is no file " + jar + ". It comes by: mvn dependency:copy -Dartifact="
                    + Remedies.REDISTRIBUTABLE + " -DoutputDirectory=.");
        }
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            Map<String, ZipEntry> libraries = libraries(zip);
            requireComplete(jar, libraries);
            use.of(zip, libraries);
        } catch (ZipException e) {
            throw new IOException(jar + " is no jar, or was cut off: " + e.getMessage() + ". Fetch it again.", e);
        }
    }

    /** Only the last part of an entry's name is used, so none can be written outside of the folder. */
    private static Map<String, ZipEntry> libraries(ZipFile zip) {
        Map<String, ZipEntry> libraries = new TreeMap<>();
        Enumeration<? extends ZipEntry> entries = zip.entries();
        while (entries.hasMoreElements()) {
            ZipEntry entry = entries.nextElement();
            String name = entry.getName().substring(entry.getName().lastIndexOf('/') + 1);
            if (WANTED.matcher(name).matches()) {
                libraries.put(name, entry);
            }
        }
        return libraries;
    }

    private static void requireComplete(Path jar, Map<String, ZipEntry> libraries) throws IOException {
        boolean cublas = LibrarySearch.CUBLAS_VERSIONS.stream()
                .anyMatch(v ->
                        libraries.containsKey("libcublas.so." + v) && libraries.containsKey("libcublasLt.so." + v));
        if (!cublas || !libraries.containsKey(LibrarySearch.CUDNN)) {
            throw new IOException(jar + " holds no cuBLAS 12 or 13 with cuDNN 9 for Linux, but " + libraries.keySet()
                    + ". Expected a jar like " + Remedies.REDISTRIBUTABLE + ".");
        }
    }

    private static void requireSpace(Path folder, Map<String, ZipEntry> libraries) throws IOException {
        long needed = libraries.values().stream().mapToLong(ZipEntry::getSize).sum();
        long free = Files.getFileStore(folder).getUsableSpace();
        if (free < needed) {
            throw new IOException(folder + " has " + (free >> 20) + " MiB free, and the libraries take "
                    + (needed >> 20) + " MiB. Free some, or choose another folder by XDG_CACHE_HOME.");
        }
    }

    /** A library gets its name when it is whole. */
    private static void copy(ZipFile zip, ZipEntry entry, Path target) throws IOException {
        if (Files.exists(target) && Files.size(target) == entry.getSize()) {
            return;
        }
        Path part = target.resolveSibling(target.getFileName() + ".part");
        try (InputStream in = zip.getInputStream(entry)) {
            Files.copy(in, part, StandardCopyOption.REPLACE_EXISTING);
            Files.move(part, target, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(part);
        }
    }
}
