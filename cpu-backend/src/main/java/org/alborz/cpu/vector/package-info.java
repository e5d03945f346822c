/**
 * The fast pure-Java backend, on {@code jdk.incubator.vector}.
 *
 * <p>Two rules hold throughout. Results are bit-identical for any number of threads: work is cut by sizes only, each task writes its
 * own part, and parts are combined in a fixed order. And a kernel that ran before allocates nothing to speak of: scratch memory
 * belongs to the members of the thread team and is reused.
 */
package org.alborz.cpu.vector;
