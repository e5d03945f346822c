package org.alborz.events;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

@Name("org.alborz.Operation")
@Label("Operation")
@Description("An operation on tensors; on a device that queues work, the time to queue it")
@Category("Alborz")
@StackTrace(false)
final class OperationEvent extends Event {
    @Label("Operation")
    String operation;

    @Label("Layer")
    @Description("Its path in the model; missing outside of layers")
    String layer;

    @Label("Backward")
    @Description("Whether it was done to compute gradients")
    boolean backward;

    @Label("Inputs")
    String inputs;

    @Label("Results")
    String results;

    @Label("Bytes")
    @Description("Read and written")
    @DataAmount
    long bytes;

    @Label("Multiply-Adds")
    long multiplyAdds;
}
