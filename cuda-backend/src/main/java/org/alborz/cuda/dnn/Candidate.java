package org.alborz.cuda.dnn;

/**
 * An algorithm that cuDNN offers for a convolution.
 *
 * @param number cuDNN's own for it
 * @param workspace bytes of scratch memory it needs
 */
record Candidate(int number, long workspace) {}
