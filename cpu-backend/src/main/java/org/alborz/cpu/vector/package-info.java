/**
 * The fast pure-Java backend, on {@code jdk.incubator.vector}.
 *
 * <p>Two rules hold throughout. Results are bit-identical for any number of threads: work is cut by sizes only, each task writes its
 * own part, and parts are combined in a fixed order. And a kernel that ran before allocates nothing to speak of: scratch memory
 * belongs to the members of the thread team and is reused.
 *
 * <p>A third rule keeps vectors out of the heap on JDK 17: a method holds at most nine binary operations of vectors (add, max and the
 * like; fma does not count). Each carries into the method that inlines it the count of class checks that failed in
 * {@code FloatVector.lanewiseTemplate}, some ten since the first few operators met there, and from a sum of 100 on the compiler no
 * longer trusts any type profile in the method: it calls virtually, and what it calls so must be an object. Loops cost nothing;
 * unrolling by hand does. {@code -XX:+LogCompilation} shows it as {@code observe trap='class_check' … ccount='100'}.
 */
package org.alborz.cpu.vector;
