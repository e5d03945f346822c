package org.alborz.backend;

/** Captures work on the device once, to do it again without issuing each of its operations, as CUDA graphs do. */
public interface GraphCapture {
    /**
     * Captures what the given code asks of the backend; none of it is done before the first {@link CapturedGraph#replay}.
     *
     * <p>The code may allocate and free. It must not upload, download or wait, and every shape in it must have been met before, outside
     * of a capture, so that nothing has to be chosen or compiled.
     *
     * @throws RuntimeException when the code does what cannot be captured; the backend is as it was before
     */
    CapturedGraph capture(Runnable work);
}
