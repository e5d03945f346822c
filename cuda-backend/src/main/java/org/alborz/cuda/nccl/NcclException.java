package org.alborz.cuda.nccl;

/** A call of NCCL failed. */
public final class NcclException extends RuntimeException {
    private static final long serialVersionUID = 1;

    NcclException(String message) {
        super(message);
    }
}
