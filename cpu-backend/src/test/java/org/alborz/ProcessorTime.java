package org.alborz;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/** The processor time of this JVM, in which a test can wait for the compiler: on a busy machine the clock runs on without it. */
public final class ProcessorTime {
    private ProcessorTime() {}

    /** Returns the time that all threads have taken so far, those of the compiler counted in, in nanoseconds. */
    public static long nanos() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
    }
}
