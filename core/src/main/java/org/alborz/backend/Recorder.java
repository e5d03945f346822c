package org.alborz.backend;

/** Records work on the device once, to do it again without issuing each of its operations, as CUDA graphs do. */
public interface Recorder {
    /**
     * Records what the given code asks of the backend; none of it is done before the first {@link Recording#replay}.
     *
     * <p>The code may allocate and free. It must not upload, download or wait, and every shape in it must have been met before, outside
     * of a recording, so that nothing has to be chosen or compiled.
     *
     * @throws RuntimeException when the code does what cannot be recorded; the backend is as it was before
     */
    Recording record(Runnable work);
}
