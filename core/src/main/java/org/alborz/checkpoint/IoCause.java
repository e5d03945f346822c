package org.alborz.checkpoint;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileLockInterruptionException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.Locale;

/** What stands behind an I/O error, in so far as it can be told, with the remedy that fits. */
enum IoCause {
    INTERRUPTED("The thread was interrupted; the file is not at fault."),
    PERMISSION("Check the permissions of the file and its directory."),
    READ_ONLY("The file system is mounted read-only; choose another directory."),
    FULL("Free some space, or choose another disk."),
    GONE("The file or its directory was removed meanwhile; do not touch it while it is in use."),
    UNKNOWN("Check the permissions and the disk.");

    private final String remedy;

    IoCause(String remedy) {
        this.remedy = remedy;
    }

    String remedy() {
        return remedy;
    }

    static IoCause of(IOException e) {
        if (e instanceof ClosedByInterruptException
                || e instanceof InterruptedIOException
                || e instanceof FileLockInterruptionException) {
            return INTERRUPTED;
        }
        if (e instanceof AccessDeniedException) {
            return PERMISSION;
        }
        if (e instanceof NoSuchFileException) {
            return GONE;
        }
        String message = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
        if (message.contains("no space left") || message.contains("quota") || message.contains("not enough space")) {
            return FULL;
        }
        return message.contains("read-only file system") ? READ_ONLY : UNKNOWN;
    }
}
