package org.alborz.cuda.driver;

/**
 * A piece of work as it was put on a stream.
 *
 * @param name of the kernel without its data type, such as {@code batch_norm_apply}, or of the library's operation
 * @param bytes of the operands; one that is read and written counts twice
 * @param operations of floating-point arithmetic of a product or a convolution, a multiplication and an addition being two; else 0
 * @param captured whether it went into a graph instead of being done
 */
public record StreamWork(WorkKind kind, String name, long bytes, long operations, boolean captured) {}
