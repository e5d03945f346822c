package org.alborz.backend;

import java.nio.file.Path;
import java.util.Optional;

/**
 * How to open a backend.
 *
 * @param device which of several devices, from 0
 * @param threads how many threads a CPU backend computes with; 0 takes one for each processor, and 4096 are the most. Results do not depend on it.
 * @param poison fill memory with NaN when it is handed out and when it is returned, to find reads of undefined content
 * @param tf32 let products and convolutions of float32 round their factors to TF32 (10 bits of fraction in place of 23) where the device
 *     is faster then; sums stay float32. A convolution with a bias and a rectifier may give 0 for NaN then. CPU backends do not look at it.
 * @param algorithms a file: each convolution tries the algorithms of the GPU's library once for its shape, and the fastest of those that give the same bits
 *     each time is kept there. Who is given the file later takes the same ones, so that a training that is resumed with it gives the same bits.
 *     Without one, the library's heuristics choose, which is always the same. CPU backends do not look at it.
 */
public record BackendOptions(int device, int threads, boolean poison, boolean tf32, Optional<Path> algorithms) {
    private static final int MOST_THREADS = 4096;

    public BackendOptions {
        if (device < 0) {
            throw new IllegalArgumentException("Backend options expect a device from 0, got " + device);
        }
        if (threads < 0 || threads > MOST_THREADS) {
            throw new IllegalArgumentException("Backend options expect 0 to " + MOST_THREADS + " threads, got "
                    + threads + "; 0 takes one for each processor");
        }
    }

    /** Returns the first device, all processors, no poison, no TF32, algorithms by heuristics. */
    public static BackendOptions defaults() {
        return new BackendOptions(0, 0, false, false, Optional.empty());
    }

    public BackendOptions withDevice(int number) {
        return new BackendOptions(number, threads, poison, tf32, algorithms);
    }

    public BackendOptions withThreads(int count) {
        return new BackendOptions(device, count, poison, tf32, algorithms);
    }

    public BackendOptions withPoison() {
        return new BackendOptions(device, threads, true, tf32, algorithms);
    }

    public BackendOptions withTf32() {
        return new BackendOptions(device, threads, poison, true, algorithms);
    }

    /** Has the algorithms of convolutions timed, and kept in a file. */
    public BackendOptions withAlgorithms(Path file) {
        return new BackendOptions(device, threads, poison, tf32, Optional.of(file));
    }
}
