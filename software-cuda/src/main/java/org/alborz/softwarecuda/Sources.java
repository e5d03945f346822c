package org.alborz.softwarecuda;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/** The files from which the libraries are made. */
final class Sources {
    static final String BUILD = "src/main/native/build";

    private Sources() {}

    /** Returns a hash over names and contents of all sources: of the libraries, of the kernels, and of the tests' kernels. */
    static String hash(Path module) throws IOException {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
        for (Path root : List.of(
                module.resolve("src/main/native"),
                module.resolve("src/test/native"),
                module.resolveSibling("kernels"))) {
            for (Path file : files(root)) {
                digest.update(root.relativize(file).toString().getBytes(StandardCharsets.UTF_8));
                digest.update(Files.readAllBytes(file));
            }
        }
        return HexFormat.of().formatHex(digest.digest()).substring(0, 16);
    }

    private static List<Path> files(Path root) throws IOException {
        if (!Files.isDirectory(root)) {
            return List.of();
        }
        boolean kernels = root.endsWith("kernels");
        try (Stream<Path> all = Files.walk(root)) {
            return all.filter(Files::isRegularFile)
                    .filter(f -> !kernels
                            || f.toString().endsWith(".cu")
                            || f.toString().endsWith(".cuh"))
                    .sorted()
                    .toList();
        }
    }
}
