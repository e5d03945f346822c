package org.alborz.cli;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Ends a command with a message for its user and an exit code. */
final class CommandFailure extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int exitCode;

    CommandFailure(int exitCode, String message) {
        this(exitCode, message, null);
    }

    CommandFailure(int exitCode, String message, Throwable cause) {
        super(message, cause);
        this.exitCode = exitCode;
    }

    static CommandFailure usage(String message) {
        return new CommandFailure(ExitCodes.USAGE, message);
    }

    /** Says that a file or folder could not be written, with a remedy that fits the cause. */
    static CommandFailure unwritable(Path path, IOException cause) {
        String why = cause.getMessage() == null ? cause.toString() : cause.getMessage();
        String remedy = "check the path, its permissions and the free space";
        if (cause instanceof ClosedByInterruptException) {
            why = "the thread was interrupted";
            remedy = "start the command again";
        } else if (cause instanceof AccessDeniedException) {
            why = "access is denied";
            remedy = "choose another place, or change its permissions";
        } else if (cause instanceof NoSuchFileException) {
            why = "there is no such folder";
            remedy = "create it, or choose another place";
        }
        return new CommandFailure(ExitCodes.FAILED, path + " could not be written: " + why + "; " + remedy, cause);
    }

    int exitCode() {
        return exitCode;
    }
}
