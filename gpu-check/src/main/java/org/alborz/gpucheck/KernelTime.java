package org.alborz.gpucheck;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;

/**
 * The time that a kernel took on the device, or copies of a size, as {@code kernel_times.c} writes it, in nanoseconds.
 *
 * @param micros of all launches
 * @param mean microseconds of a launch
 * @param work blocks of a launch, or bytes of a copy
 * @param threads of a block; 0 for copies and fills
 */
record KernelTime(String name, double micros, long launches, double mean, long work, int threads) {
    private static final int COLUMNS = 10;
    private static final double MICROSECONDS = 1e-3;

    /** Reads a table, the longest time first; none where there is no file. */
    static List<KernelTime> read(Path file) throws IOException {
        if (!Files.exists(file)) {
            return List.of();
        }
        return Files.readAllLines(file, StandardCharsets.UTF_8).stream()
                .filter(line -> !line.startsWith("#") && !line.startsWith("total_ns"))
                .map(line -> of(file, line))
                .sorted(Comparator.comparingDouble(KernelTime::micros).reversed())
                .toList();
    }

    private static KernelTime of(Path file, String line) {
        String[] cells = line.split(",", COLUMNS); // a name may have commas
        if (cells.length != COLUMNS) {
            throw new IllegalArgumentException(
                    file + " expects " + COLUMNS + " columns, got '" + line + "'; kernel_times.c writes such files");
        }
        String name = cells[COLUMNS - 1].substring(1, cells[COLUMNS - 1].length() - 1);
        return new KernelTime(
                name,
                Long.parseLong(cells[0]) * MICROSECONDS,
                Long.parseLong(cells[1]),
                Long.parseLong(cells[2]) * MICROSECONDS,
                Long.parseLong(cells[5]),
                Integer.parseInt(cells[6]));
    }
}
