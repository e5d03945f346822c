package org.alborz.events;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

@Name("org.alborz.Copy")
@Label("Copy")
@Description("A copy between the host and the device, of a backend on the host as well")
@Category("Alborz")
@StackTrace(false)
final class CopyEvent extends Event {
    @Label("Direction")
    String direction;

    @Label("Data Type")
    String dtype;

    @Label("Bytes")
    @DataAmount
    long bytes;
}
