package org.alborz.cuda.dnn;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Which algorithm of cuDNN each convolution takes, kept in a file: timed once for each shape, and from then on the same in every run that is
 * given the file. A line has the GPU and the library, the convolution, the algorithm's number and the microseconds that it took, with tabs
 * between them. Lines of other GPUs and libraries are left alone. Several processes may share a file: the first one to add a convolution chooses
 * for all.
 */
public final class AlgorithmFile {
    private static final int COLUMNS = 4;
    private static final String TAB = "\t";

    /** The byte that is locked, behind all content: on Windows, nobody else reads what is locked. */
    private static final long LOCKED = Long.MAX_VALUE - 1;

    private final Path file;
    private final String machine;
    private final Map<String, Integer> numbers = new HashMap<>();

    /** An algorithm and the time of a call. */
    public record Timing(int number, double microseconds) {}

    /**
     * Reads what is there; a file that does not exist is made with the first choice.
     *
     * @param machine the GPU and the library that times are of
     */
    AlgorithmFile(Path file, String machine) {
        this.file = file;
        this.machine = machine;
        if (!Files.exists(file)) {
            return;
        }
        // A system may end the locks of a process on a file when the process closes that file anywhere.
        synchronized (AlgorithmFile.class) {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
                read(channel);
            } catch (IOException e) {
                throw failure("read", e);
            }
        }
    }

    private UncheckedIOException failure(String what, IOException e) {
        return new UncheckedIOException(
                "The file of algorithms " + file + " cannot be " + what + ": " + e.getMessage() + "; name another", e);
    }

    private void read(FileChannel channel) throws IOException {
        new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .forEach(this::read);
    }

    private void read(String line) {
        String[] cells = line.split(TAB);
        if (cells.length != COLUMNS || !cells[2].matches("\\d{1,3}")) {
            throw new IllegalArgumentException("The file of algorithms " + file
                    + " expects a machine, a convolution, a number and microseconds in a line, got '" + line
                    + "'; name another file, or delete this one to have algorithms timed again");
        }
        if (cells[0].equals(machine)) {
            numbers.putIfAbsent(cells[1], Integer.parseInt(cells[2])); // the first line holds
        }
    }

    /**
     * Returns the number of the algorithm that was chosen, if one was.
     *
     * @param key a convolution, or one with what follows it
     */
    public OptionalInt number(Record key) {
        Integer number = numbers.get(key.toString());
        return number == null ? OptionalInt.empty() : OptionalInt.of(number);
    }

    /**
     * Reads the file once more, under a lock, since another process may have added a choice: returns that, or else adds what was timed here. Nothing
     * is timed under the lock: work on a device may wait for another process, which may wait for the file.
     *
     * @param timed empty to add nothing
     */
    public OptionalInt agreed(Record key, Optional<Timing> timed) {
        synchronized (AlgorithmFile.class) { // a lock on a file is the whole process's
            try (FileChannel channel = FileChannel.open(
                            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
                    FileLock lock = channel.lock(LOCKED, 1, false)) {
                read(channel);
                if (timed.isPresent() && number(key).isEmpty()) {
                    add(channel, key, timed.get());
                }
                return number(key);
            } catch (IOException e) {
                throw failure("locked and written", e);
            }
        }
    }

    private void add(FileChannel channel, Record key, Timing timing) throws IOException {
        String time = String.format(Locale.ROOT, "%.1f%n", timing.microseconds());
        String line = String.join(TAB, machine, key.toString(), "" + timing.number(), time);
        ByteBuffer bytes = ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8));
        long end = channel.size();
        while (bytes.hasRemaining()) {
            channel.write(bytes, end + bytes.position());
        }
        numbers.put(key.toString(), timing.number());
    }
}
