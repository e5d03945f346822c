package org.alborz.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Refuses places that cannot be written before the work whose result is to go there. */
final class WritablePlace {
    private static final Logger log = LoggerFactory.getLogger(WritablePlace.class);
    private static final int MOST_LINKS = 40;

    private WritablePlace() {}

    /** Refuses a folder that is none, cannot be made or cannot be written. */
    static void requireFolder(String option, Path folder) {
        requireName(option, folder);
        Path nearest = folder.toAbsolutePath().normalize();
        while (nearest.getParent() != null && !Files.exists(nearest, LinkOption.NOFOLLOW_LINKS)) {
            nearest = nearest.getParent();
        }
        if (!Files.isDirectory(nearest)) {
            throw CommandFailure.usage(
                    option + " expects a folder, got '" + folder + "', and " + nearest + " is not a folder");
        }
        if (!Files.isWritable(nearest) || !Files.isExecutable(nearest)) {
            throw CommandFailure.usage(option + " expects a folder that can be written, got '" + folder + "', and "
                    + nearest + " cannot be; choose another, or change its permissions");
        }
    }

    /** Refuses a file that is a folder or cannot be written; a device or pipe is as good as a file. */
    static void requireFile(String option, Path file) {
        requireName(option, file);
        if (Files.isDirectory(file)) {
            throw CommandFailure.usage(option + " expects a file, got the folder '" + file + "'");
        }
        if (!Files.exists(file)) {
            Path folder = file.toAbsolutePath().getParent();
            requireFolder(option, folder);
            if (Files.isDirectory(folder)) {
                requireNewFile(option, file);
            }
        } else if (!Files.isWritable(file)) {
            throw CommandFailure.usage(option + " expects a file that can be written, got '" + file
                    + "'; choose another, or change its permissions");
        }
    }

    /** Tells whether two names are of one file, which need not exist yet. */
    static boolean isSame(Path one, Path other) {
        try {
            if (Files.exists(one) && Files.exists(other)) {
                return Files.isSameFile(one, other);
            }
        } catch (IOException e) {
            log.debug("{} and {} cannot be compared", one, other, e);
        }
        return real(one).equals(real(other));
    }

    /** Returns a file's path without links, as far as the file and its folders exist. */
    static Path real(Path path) {
        return real(path.toAbsolutePath().normalize(), MOST_LINKS);
    }

    private static Path real(Path path, int links) {
        try {
            return path.toRealPath();
        } catch (IOException e) {
            log.debug("{} does not exist yet", path, e);
        }
        if (path.getParent() == null) {
            return path;
        }
        Path here = real(path.getParent(), links).resolve(path.getFileName());
        try {
            return Files.isSymbolicLink(here) && links > 0
                    ? real(here.resolveSibling(Files.readSymbolicLink(here)).normalize(), links - 1)
                    : here;
        } catch (IOException e) {
            return here;
        }
    }

    /** Tries it, since not every file system tells. */
    private static void requireNewFile(String option, Path file) {
        try {
            Files.delete(Files.createFile(file));
        } catch (IOException e) {
            throw CommandFailure.usage(
                    option + " expects a file that can be written, got '" + file + "' (" + e + "); choose another");
        }
    }

    /** A name that begins or ends with a blank, or is empty, comes from a slip in a script. */
    private static void requireName(String option, Path path) {
        String text = path.toString();
        if (text.isBlank() || !text.equals(text.strip()) || text.chars().anyMatch(Character::isISOControl)) {
            throw CommandFailure.usage(
                    option + " expects a path without blanks around it or control characters, got '" + text + "'");
        }
    }
}
