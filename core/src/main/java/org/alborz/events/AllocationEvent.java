package org.alborz.events;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

@Name("org.alborz.Allocation")
@Label("Allocation")
@Description("Memory that was taken from the pool of a backend")
@Category("Alborz")
@StackTrace(false)
final class AllocationEvent extends Event {
    @Label("Data Type")
    String dtype;

    @Label("Bytes")
    @DataAmount
    long bytes;

    @Label("Used")
    @Description("What the buffers of the pool that are in use hold after it")
    @DataAmount
    long used;
}
