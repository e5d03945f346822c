package org.alborz.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes small files of a run, which are whole or as they were before, also after a kill or a power cut. */
final class AtomicFile {
    private static final Logger log = LoggerFactory.getLogger(AtomicFile.class);

    private AtomicFile() {}

    /** Makes or replaces a file; a kill leaves its name with {@code .tmp} behind. */
    static void write(Path file, String text) {
        write(unfinished(file), file, text);
    }

    /** Makes or replaces a file under a name that a user gave, beside which other files may have any name. */
    static void writeBeside(Path file, String text) {
        write(file.resolveSibling(file.getFileName() + "." + UUID.randomUUID() + ".tmp"), file, text);
    }

    private static void write(Path whole, Path file, String text) {
        try {
            remove(whole); // a pipe would be waited for, and a link followed
            try (FileChannel channel = FileChannel.open(
                    whole, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
                ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
            Files.move(whole, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            discard(whole);
            throw CommandFailure.unwritable(file, e);
        }
        forceFolder(file.toAbsolutePath().getParent());
    }

    /** Makes the name itself outlast a power cut, where the system can. */
    private static void forceFolder(Path folder) {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            log.debug("The folder {} cannot be synchronised", folder, e);
        }
    }

    /** Removes a file, and what a kill left of it. */
    static void delete(Path file) {
        try {
            remove(unfinished(file));
            remove(file);
        } catch (IOException e) {
            throw CommandFailure.unwritable(file, e);
        }
    }

    private static void remove(Path file) throws IOException {
        if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
            throw new IOException(file + " is a folder; remove it");
        }
        Files.deleteIfExists(file);
    }

    /** Removes what could not be finished, where that can be. */
    private static void discard(Path file) {
        try {
            remove(file);
        } catch (IOException e) {
            log.debug("{} could not be removed", file, e);
        }
    }

    private static Path unfinished(Path file) {
        return file.resolveSibling(file.getFileName() + ".tmp");
    }
}
