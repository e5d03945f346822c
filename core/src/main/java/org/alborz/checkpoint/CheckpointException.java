package org.alborz.checkpoint;

/**
 * Says that a checkpoint could not be read or written: which file and entry, what was expected, what came, and what to
 * do.
 */
public final class CheckpointException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public CheckpointException(String message) {
        super(message);
    }

    public CheckpointException(String message, Throwable cause) {
        super(message, cause);
    }
}
