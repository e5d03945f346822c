package org.alborz.distributed;

/** A group of ranks has ended, or could not be formed. */
public final class CollectiveException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /**
     * @param message which rank, and what happened, as far as it is known
     * @param cause null where there is none
     */
    public CollectiveException(String message, Throwable cause) {
        super(message, cause);
    }

    CollectiveException(String message) {
        super(message);
    }
}
