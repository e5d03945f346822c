/**
 * The fast pure-Java backend, on {@code jdk.incubator.vector}.
 *
 * <p>Two rules hold throughout. Results are bit-identical for any number of threads: the order in which a number is summed depends on
 * sizes only, and each task writes its own part. Where matrix products, LSTM layers and attention are cut into blocks of results
 * depends on the number of threads too, but no order of a sum. And a kernel that ran before allocates nothing to speak of: scratch memory
 * belongs to the workers of the thread team and is reused.
 *
 * <p>A third rule keeps vectors out of the heap on JDK 17: a kernel holds its accumulators across one flat loop only, and few binary
 * operations of vectors (add, max and the like) beside fma; {@link TypeProfiles} tells why. {@code -XX:+LogCompilation} shows a kernel
 * that is in trouble by {@code observe trap='class_check' … ccount='100'}, which the limits in {@code jvm.options} prevent.
 */
package org.alborz.cpu.vector;
