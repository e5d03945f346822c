package org.alborz.random;

/**
 * Names a sequence of random words: word {@code i} is word {@code i mod 4} of the Philox4x32-10 block at counter
 * {@code (counter + i / 4, stream)} under the key {@code seed}.
 *
 * @param seed the key, its low 32 bits first
 * @param stream the counter's upper 64 bits
 * @param counter the counter's lower 64 bits at the first word
 */
public record RandomKey(long seed, long stream, long counter) {}
