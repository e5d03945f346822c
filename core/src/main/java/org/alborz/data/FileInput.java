package org.alborz.data;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import org.alborz.text.Quoted;

/**
 * Opens files whose content is not known yet. Links are followed; pipes, devices and directories are refused, since they may
 * have no end or no beginning.
 */
final class FileInput {
    private static final int MOST_NAME_CHARACTERS = 1000;
    private static final int BUFFER_BYTES = 1 << 16;
    private static final int GZIP = 0x1f8b;

    private FileInput() {}

    /** Opens a file of at most {@code most} bytes. */
    static InputStream open(Path file, long most) throws IOException {
        BasicFileAttributes attributes;
        try {
            attributes = Files.readAttributes(file, BasicFileAttributes.class);
        } catch (NoSuchFileException e) {
            throw new DataException("There is no file " + name(file.toAbsolutePath()) + "; check the path", e);
        }
        if (!attributes.isRegularFile()) {
            throw new DataException(
                    name(file) + " is " + (attributes.isDirectory() ? "a directory" : "a pipe or device")
                            + ", and not a file; check the path");
        }
        if (attributes.size() > most) {
            throw new DataException(String.format(
                    Locale.ROOT, "%s has %,d bytes; at most %,d are read", name(file), attributes.size(), most));
        }
        return Files.newInputStream(file);
    }

    /** Unpacks what is compressed by gzip, as its first bytes tell, and buffers it; another stream is only buffered. */
    static InputStream unpacked(InputStream file) throws IOException {
        BufferedInputStream in = new BufferedInputStream(file, BUFFER_BYTES);
        in.mark(2);
        int magic = in.read() << 8 | in.read();
        in.reset();
        return magic == GZIP ? new BufferedInputStream(new GZIPInputStream(in, BUFFER_BYTES), BUFFER_BYTES) : in;
    }

    /** Returns a file's path for messages. */
    static String name(Path file) {
        return Quoted.escape(file.toString(), MOST_NAME_CHARACTERS);
    }

    /** Returns what says that a packed file cannot be unpacked, or ends too early. */
    static DataException damaged(Path file, IOException e) {
        return new DataException(name(file) + " ends early or is damaged (" + e.getMessage() + "); get it again", e);
    }

    /** Returns what says that reading failed, for another reason than the file's content. */
    static DataException unreadable(Path file, IOException e) {
        if (e instanceof ClosedByInterruptException) {
            return new DataException("Reading " + name(file) + " was interrupted", e);
        }
        return new DataException(
                name(file) + " could not be read: " + Quoted.escape(e.toString(), MOST_NAME_CHARACTERS)
                        + ". Check its permissions and the disk.",
                e);
    }
}
