/** Graphs of operations that cuDNN computes at once: a convolution, and what follows it. */
package org.alborz.cuda.dnn.graph;
