package org.alborz;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** What threads have taken from the Java heap. */
public final class AllocatedBytes {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private AllocatedBytes() {}

    /** Returns how many bytes the threads that there are have allocated since they began. */
    public static long ofAllThreads() {
        long sum = 0;
        for (long bytes : THREADS.getThreadAllocatedBytes(THREADS.getAllThreadIds())) {
            sum += Math.max(0, bytes); // below 0 of a thread that has just ended
        }
        return sum;
    }
}
