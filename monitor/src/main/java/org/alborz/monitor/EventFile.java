package org.alborz.monitor;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A new file of records, each with its length and checksums, as TensorFlow frames them. Records wait in memory until {@link #flush} writes
 * all of them at once, so a process that is killed leaves whole records, or at worst a cut tail, at which readers stop.
 *
 * <p>Source: tensorflow/core/lib/io/record_writer.h.
 */
final class EventFile implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(EventFile.class);
    private static final int MASK_DELTA = 0xa282ead8;

    /** So much waits at most. */
    private static final int BUFFERED = 1 << 18;

    private final Path path;
    private final FileChannel channel;
    private final ByteArrayOutputStream waiting = new ByteArrayOutputStream();

    private EventFile(Path path, FileChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    /** Makes a file that is read after those that are in the folder already; makes the folder where there is none. */
    static EventFile create(Path folder) {
        try {
            Files.createDirectories(folder);
            long seconds = System.currentTimeMillis() / 1000;
            for (int number = 0; ; number++) {
                Path path = folder.resolve(String.format(
                        Locale.ROOT,
                        "events.out.tfevents.%010d.%010d.%04d.alborz",
                        seconds,
                        ProcessHandle.current().pid(),
                        number));
                try {
                    return new EventFile(
                            path, FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
                } catch (FileAlreadyExistsException e) {
                    log.debug("Another writer began {} in this second", path, e);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "No event file could be made in " + folder + ": " + e + "; choose a folder that can be written to",
                    e);
        }
    }

    Path path() {
        return path;
    }

    void write(byte[] record) {
        ByteBuffer head = ByteBuffer.allocate(Long.BYTES + Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        head.putLong(record.length);
        head.putInt(maskedChecksum(head.array(), Long.BYTES));
        waiting.writeBytes(head.array());
        waiting.writeBytes(record);
        ByteBuffer tail = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        tail.putInt(maskedChecksum(record, record.length));
        waiting.writeBytes(tail.array());
        if (waiting.size() > BUFFERED) {
            flush();
        }
    }

    private static int maskedChecksum(byte[] bytes, int count) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, count);
        int value = (int) crc.getValue();
        return Integer.rotateRight(value, 15) + MASK_DELTA;
    }

    /** Hands everything to the operating system. */
    void flush() {
        ByteBuffer bytes = ByteBuffer.wrap(waiting.toByteArray());
        waiting.reset();
        try {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(path + " could not be written: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        try (FileChannel closing = channel) {
            if (closing.isOpen()) {
                flush();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(path + " could not be closed: " + e.getMessage(), e);
        }
    }
}
