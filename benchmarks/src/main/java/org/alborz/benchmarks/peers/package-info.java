/**
 * The contest with other engines that {@code ./alborz bench --peers} holds: each contestant is a process of its own that is told by
 * lines on its standard input what to do, and answers by lines on its standard output.
 *
 * <p>Here are the protocol and Alborz as a contestant. PyTorch and OpenBLAS are in {@code src/peers}, which only the Maven profile
 * {@code peers} compiles.
 */
package org.alborz.benchmarks.peers;
