package org.alborz.backend;

/**
 * What a backend's memory pool holds, in bytes.
 *
 * @param used bytes in buffers that are in use
 * @param pooled bytes kept for reuse
 * @param peak the most that was ever in use
 * @param buffers how many buffers are in use
 */
public record MemoryStatistics(long used, long pooled, long peak, long buffers) {}
