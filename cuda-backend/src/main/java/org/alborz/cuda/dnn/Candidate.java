package org.alborz.cuda.dnn;

/**
 * An algorithm that cuDNN offers for a convolution.
 *
 * @param number cuDNN's own for it
 * @param workspace bytes of scratch memory it wants
 * @param mathType which arithmetic it is meant for
 */
record Candidate(int number, long workspace, int mathType, boolean deterministic) {}
