package org.alborz.tensor;

import java.nio.file.Path;
import org.alborz.backend.BackendOptions;
import org.alborz.type.DType;

/** Collects the settings of a session; made by {@link Session#builder}. */
public final class SessionBuilder {
    private final String backend;
    private BackendOptions options = BackendOptions.defaults();
    private DType dtype = DType.FLOAT32;

    SessionBuilder(String backend) {
        this.backend = backend;
    }

    /**
     * Sets the type of new tensors and parameters; float32 unless set. Tensors of integers can be made in any session.
     *
     * @throws IllegalArgumentException from {@link #open}, if it is not a floating type or the backend does not compute in it
     */
    public SessionBuilder dtype(DType newDtype) {
        dtype = newDtype;
        return this;
    }

    /**
     * Sets how many threads a CPU backend computes with, at most 4096; 0, unless set, takes one for each processor. Results do not depend on
     * it.
     */
    public SessionBuilder threads(int count) {
        options = options.withThreads(count);
        return this;
    }

    /** Sets which of several GPUs computes, from 0, as unless set. */
    public SessionBuilder device(int number) {
        options = options.withDevice(number);
        return this;
    }

    /**
     * Lets products and convolutions of float32 round their factors to TF32 (10 bits of fraction in place of 23), on GPUs that are faster
     * then; sums stay float32. A convolution with a bias and a rectifier is one call of cuDNN then, in which NaN becomes 0.
     */
    public SessionBuilder tf32() {
        options = options.withTf32();
        return this;
    }

    /**
     * Has a GPU try the algorithms that cuDNN has for a convolution, once for each shape, and take the fastest of those that give the same bits each
     * time. The choices are kept in the file, from which later sessions take them, so that a training that is resumed with it gives the same bits.
     */
    public SessionBuilder algorithms(Path file) {
        options = options.withAlgorithms(file);
        return this;
    }

    /** Fills memory with NaN when it is handed out and when it is returned, to find reads of undefined content. */
    public SessionBuilder poison() {
        options = options.withPoison();
        return this;
    }

    /**
     * Opens the session.
     *
     * @throws org.alborz.backend.BackendUnavailableException when the backend cannot run; never another one instead
     */
    public Session open() {
        return Session.open(backend, options, dtype);
    }
}
