package org.alborz.softwarecuda;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;

/**
 * CUDA libraries on host memory: {@code libcuda.so.1}, {@code libcublas.so.12}, {@code libcudnn.so.9},
 * {@code libnccl.so.2}, and the project's kernels compiled for the host.
 */
public sealed interface SoftwareCuda {

    /** The libraries are built, in the folder. */
    record Ready(Path folder) implements SoftwareCuda {}

    /** They cannot be built on this machine, for the reason given. */
    record Unavailable(String reason) implements SoftwareCuda {}

    /**
     * Builds the libraries unless they are there; takes up to a minute the first time. Safe to call from several processes.
     *
     * @throws IllegalStateException with the compiler's output, where a source does not compile
     */
    static SoftwareCuda build() {
        Path module = module();
        return Toolchain.missing(module).<SoftwareCuda>map(Unavailable::new).orElseGet(() -> {
            try {
                return new Ready(build(module));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    /**
     * Returns the folder of the libraries.
     *
     * @throws IllegalStateException where they cannot be built, with the reason
     */
    static Path folder() {
        SoftwareCuda built = build();
        if (built instanceof Unavailable unavailable) {
            throw new IllegalStateException(unavailable.reason());
        }
        return ((Ready) built).folder();
    }

    private static Path build(Path module) throws IOException {
        Path builds = module.resolve("target/software-cuda");
        Files.createDirectories(builds);
        Path folder = builds.resolve("build-" + Sources.hash(module));
        try (FileChannel channel =
                        FileChannel.open(builds.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = channel.lock()) {
            Objects.requireNonNull(lock);
            if (!Files.isDirectory(folder)) {
                Path fresh = builds.resolve("unfinished");
                deleteAll(fresh);
                Toolchain.build(module, fresh);
                Files.move(fresh, folder, StandardCopyOption.ATOMIC_MOVE);
            }
        }
        return folder;
    }

    /** The folder of this Maven module, in whose {@code target} this class is, or beside the module that runs tests. */
    private static Path module() {
        Path from;
        try {
            from = Path.of(SoftwareCuda.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException("The place of SoftwareCuda is no path", e);
        }
        for (Path start : new Path[] {from, Path.of("").toAbsolutePath()}) {
            for (Path p = start; p != null; p = p.getParent()) {
                if (Files.exists(p.resolve("software-cuda").resolve(Sources.BUILD))) {
                    return p.resolve("software-cuda");
                }
            }
        }
        throw new IllegalStateException("No folder software-cuda/" + Sources.BUILD + " above " + from
                + " or the working directory: software CUDA is"
                + " built from the project's sources, so run inside the project's folder");
    }

    private static void deleteAll(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, IOException failure) throws IOException {
                Files.delete(visited);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
