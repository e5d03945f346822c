package org.alborz.cuda.natives;

/** A native library could not be loaded. */
public final class NativeLoadException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String reason;
    private final String remedy;

    /**
     * @param reason which library, where it is, and what the loader said, as a sentence
     * @param remedy what to do about it, likewise
     */
    public NativeLoadException(String reason, String remedy, Throwable cause) {
        super(reason + " Remedy: " + remedy, cause);
        this.reason = reason;
        this.remedy = remedy;
    }

    public String reason() {
        return reason;
    }

    public String remedy() {
        return remedy;
    }
}
