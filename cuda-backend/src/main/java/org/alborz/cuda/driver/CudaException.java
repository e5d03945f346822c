package org.alborz.cuda.driver;

/** A call of CUDA's driver, of cuBLAS or of cuDNN failed; the message holds the call and the library's own words. */
public class CudaException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;

    public CudaException(String message, int status) {
        super(message);
        this.status = status;
    }

    /** Returns the library's status code. */
    public int status() {
        return status;
    }
}
