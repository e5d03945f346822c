package org.alborz.backend;

/**
 * How to open a backend.
 *
 * @param device which of several devices, from 0
 * @param threads how many threads a CPU backend computes with; 0 takes one for each processor. Results do not depend on it.
 * @param poison fill memory with NaN when it is handed out and when it is returned, to find reads of undefined content
 */
public record BackendOptions(int device, int threads, boolean poison) {
    /** Returns the first device, all processors, no poison. */
    public static BackendOptions defaults() {
        return new BackendOptions(0, 0, false);
    }

    public BackendOptions withThreads(int count) {
        return new BackendOptions(device, count, poison);
    }

    public BackendOptions withPoison() {
        return new BackendOptions(device, threads, true);
    }
}
