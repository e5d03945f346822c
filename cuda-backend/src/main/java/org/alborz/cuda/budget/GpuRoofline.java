package org.alborz.cuda.budget;

import org.alborz.cuda.driver.StreamWork;

/**
 * Predicts how long work takes on a GPU, from its bytes and operations. It knows nothing of how good a kernel is, so it is a floor.
 *
 * @param bandwidth of the device's memory, in bytes a second
 * @param link between host and device, in bytes a second
 * @param gap between two pieces of work, in seconds
 * @param shortest time of a kernel, in seconds
 * @param rate of products and convolutions, in floating-point operations a second
 */
public record GpuRoofline(double bandwidth, double link, double gap, double shortest, double rate) {
    /** Refuses what is not above 0; the gap and the shortest time may be 0. */
    public GpuRoofline {
        require("bandwidth", bandwidth, bandwidth > 0);
        require("link", link, link > 0);
        require("gap", gap, gap >= 0);
        require("shortest", shortest, shortest >= 0);
        require("rate", rate, rate > 0);
    }

    private static void require(String name, double value, boolean holds) {
        if (!holds || !Double.isFinite(value)) {
            throw new IllegalArgumentException("GpuRoofline expects a finite " + name
                    + (name.equals("gap") || name.equals("shortest") ? " of at least 0" : " above 0") + ", got "
                    + value);
        }
    }

    /** Returns the predicted seconds of a piece of work with the gap before it: what is largest of memory, arithmetic and the shortest kernel. */
    public double seconds(StreamWork work) {
        return switch (work.kind()) {
            case GRAPH -> gap;
            case UPLOAD, DOWNLOAD -> gap + work.bytes() / link;
            case CONVOLUTION, PRODUCT, POOLING, KERNEL, COPY, FILL ->
                gap + Math.max(shortest, Math.max(work.bytes() / bandwidth, work.operations() / rate));
        };
    }
}
