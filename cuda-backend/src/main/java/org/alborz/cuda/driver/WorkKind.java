package org.alborz.cuda.driver;

/** What a piece of work on a stream is. */
public enum WorkKind {
    CONVOLUTION,
    PRODUCT,
    POOLING,
    /** One of our own kernels. */
    KERNEL,
    /** From one place on the device to another. */
    COPY,
    FILL,
    /** From the host to the device. */
    UPLOAD,
    /** From the device to the host. */
    DOWNLOAD,
    /** The launch of a graph; what is in it was told when it was captured. */
    GRAPH
}
