package org.alborz.checkpoint;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;
import org.alborz.text.Quoted;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The temporary files that checkpoints are written to before they get their name. Whoever writes one holds a lock on it, which ends
 * with the process; so a file that can be locked belongs to nobody any more.
 */
public final class UnfinishedFiles {
    private static final Logger log = LoggerFactory.getLogger(UnfinishedFiles.class);

    private static final Pattern NAME = Pattern.compile(".+\\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\\.tmp");

    private UnfinishedFiles() {}

    /** Returns a name beside the target that no other file has. */
    static Path of(Path target) {
        return target.resolveSibling(target.getFileName() + "." + UUID.randomUUID() + ".tmp");
    }

    /** Makes the directory of checkpoints where it is missing. */
    static void make(Path directory) {
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw new CheckpointException(
                    "The directory " + directory + " for checkpoints cannot be made: " + e
                            + "; name another or correct its permissions",
                    e);
        }
    }

    /** Locks a file that is being written, where the file system can. */
    static void claim(FileChannel channel) {
        try {
            if (channel.tryLock() == null) {
                log.debug("A new temporary file is locked by another process.");
            }
        } catch (IOException e) {
            log.debug("A temporary file cannot be locked here ({}).", e.toString());
        }
    }

    /**
     * Removes the temporary files in a directory that no process writes any more, such as those of saves that were killed; other files
     * are left alone. What cannot be removed is logged.
     *
     * @return the files that were removed
     */
    public static List<Path> remove(Path directory) {
        List<Path> removed = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, UnfinishedFiles::isOne)) {
            for (Path file : files) {
                if (removeAbandoned(file)) {
                    removed.add(file);
                }
            }
        } catch (IOException | java.nio.file.DirectoryIteratorException e) {
            log.warn("Unfinished checkpoints in {} could not be looked for ({}).", directory, e.toString());
        }
        if (!removed.isEmpty()) {
            log.info("Removed {} unfinished checkpoints of earlier processes from {}.", removed.size(), directory);
        }
        return removed;
    }

    private static boolean isOne(Path file) {
        return NAME.matcher(file.getFileName().toString()).matches()
                && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS);
    }

    private static boolean removeAbandoned(Path file) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
                FileLock lock = channel.tryLock()) {
            if (lock == null) {
                return false;
            }
            Files.delete(file);
            return true;
        } catch (OverlappingFileLockException | NoSuchFileException e) {
            return false; // written by this process, or finished or removed meanwhile
        } catch (IOException e) {
            log.warn(
                    "The unfinished checkpoint {} could not be removed ({}); delete it by hand.",
                    Quoted.printable(file.toString()),
                    Quoted.printable(e.toString()));
            return false;
        }
    }
}
