package org.alborz.softwarecuda;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/** The C++ compiler and what else a build needs. */
final class Toolchain {
    private Toolchain() {}

    /** Returns what this machine lacks and how to fix it, or nothing. */
    static Optional<String> missing(Path module) {
        if (!System.getProperty("os.name").equals("Linux")) {
            return Optional.of("Software CUDA runs on Linux only, and this is " + System.getProperty("os.name"));
        }
        for (String program : new String[] {"bash", "g++", "nm"}) {
            if (!onPath(program)) {
                return Optional.of("Software CUDA is built with g++, and there is no " + program
                        + " on the path; on Debian: apt-get install g++");
            }
        }
        Path header = Path.of(System.getProperty("java.home"), "include", "jni.h");
        return Files.exists(header)
                ? Optional.empty()
                : Optional.of("Software CUDA needs a JDK's headers, and there is no " + header);
    }

    private static boolean onPath(String program) {
        String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
        return Arrays.stream(path.split(File.pathSeparator))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }

    static void build(Path module, Path into) throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(module.resolve(Sources.BUILD).toString(), into.toString());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.redirectErrorStream(true);
        Process process = builder.start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (process.waitFor() != 0) {
                throw new IllegalStateException("Software CUDA does not build:\n" + output);
            }
        } catch (InterruptedException e) {
            process.destroy();
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while software CUDA was built", e);
        }
    }
}
