package org.alborz.cuda.dnn;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Which algorithm of cuDNN each convolution takes, kept in a file: timed once for each shape, and from then on the same in every run that is
 * given the file. A line has the GPU and the library, the convolution, the algorithm's number and the microseconds that it took, with tabs
 * between them. Lines of other GPUs and libraries are left alone.
 */
final class AlgorithmFile {
    private static final int COLUMNS = 4;
    private static final String TAB = "\t";

    private final Path file;
    private final String machine;
    private final Map<String, Integer> numbers = new HashMap<>();

    /**
     * Reads what is there; a file that does not exist is made with the first choice.
     *
     * @param machine the GPU and the library that times are of
     */
    AlgorithmFile(Path file, String machine) {
        this.file = file;
        this.machine = machine;
        try {
            if (Files.exists(file)) {
                Files.readAllLines(file, StandardCharsets.UTF_8).forEach(this::read);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("The file of algorithms " + file + " cannot be read: " + e.getMessage(), e);
        }
    }

    private void read(String line) {
        String[] cells = line.split(TAB);
        if (cells.length != COLUMNS || !cells[2].matches("\\d{1,3}")) {
            throw new IllegalArgumentException("The file of algorithms " + file
                    + " expects a machine, a convolution, a number and microseconds in a line, got '" + line
                    + "'; name another file, or delete this one to have algorithms timed again");
        }
        if (cells[0].equals(machine)) {
            numbers.putIfAbsent(cells[1], Integer.parseInt(cells[2])); // another process may have added the same
        }
    }

    /** Returns the number of the algorithm that was chosen for a convolution, if one was. */
    OptionalInt number(ConvolutionKey key) {
        Integer number = numbers.get(key.toString());
        return number == null ? OptionalInt.empty() : OptionalInt.of(number);
    }

    /** Keeps a choice. */
    void add(ConvolutionKey key, int number, double microseconds) {
        numbers.put(key.toString(), number);
        String line = String.join(
                TAB, machine, key.toString(), "" + number, String.format(Locale.ROOT, "%.1f%n", microseconds));
        try {
            Files.writeString(file, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "The file of algorithms " + file + " cannot be written: " + e.getMessage() + "; name another", e);
        }
    }
}
