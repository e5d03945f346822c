package org.alborz.benchmarks.peers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** How much physical memory this process takes. */
final class ResidentMemory {
    private static final Path STATUS = Path.of("/proc/self/status");

    private ResidentMemory() {}

    /** Returns the most it ever took; where the system does not tell that, as on macOS, what it takes now. */
    static double peakMebibytes() {
        try {
            return Files.isReadable(STATUS) ? peak(Files.readAllLines(STATUS)) : now();
        } catch (IOException e) {
            throw new UncheckedIOException("The resident memory could not be read", e);
        }
    }

    /** Reads a line such as {@code VmHWM:   12345 kB}. */
    static double peak(List<String> status) {
        return status.stream()
                        .filter(line -> line.startsWith("VmHWM:"))
                        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                        .findFirst()
                        .orElseThrow(
                                () -> new IllegalStateException("Expected a line VmHWM in " + STATUS + ", found none"))
                / 1024.0;
    }

    private static double now() throws IOException {
        String pid = Long.toString(ProcessHandle.current().pid());
        Process ps = new ProcessBuilder("ps", "-o", "rss=", "-p", pid).start();
        String kibibytes = new String(ps.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        return Long.parseLong(kibibytes) / 1024.0;
    }
}
