package org.alborz.cuda;

import java.util.Locale;

/**
 * A GPU as the doctor shows it.
 *
 * @param ordinal its number, from 0
 * @param computeCapability such as 8.6
 * @param memoryTotal in bytes
 * @param usable whether its compute capability is high enough for Alborz's kernels
 */
public record Gpu(int ordinal, String name, String computeCapability, long memoryTotal, boolean usable) {
    /** What the kernels are compiled for: Turing and later. */
    static final int LOWEST_MAJOR = 7;

    static final int LOWEST_MINOR = 5;

    static Gpu of(int ordinal, String name, int major, int minor, long memory) {
        boolean usable = major > LOWEST_MAJOR || (major == LOWEST_MAJOR && minor >= LOWEST_MINOR);
        return new Gpu(ordinal, name, major + "." + minor, memory, usable);
    }

    /** Returns the compute capability's part before the point. */
    int major() {
        return Integer.parseInt(computeCapability.split("\\.")[0]);
    }

    /** Returns the compute capability's part after the point. */
    int minor() {
        return Integer.parseInt(computeCapability.split("\\.")[1]);
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT, "%s, compute capability %s, %.1f GiB", name, computeCapability, memoryTotal / 0x1p30);
    }
}
