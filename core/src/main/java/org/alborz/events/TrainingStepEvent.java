package org.alborz.events;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

@Name("org.alborz.TrainingStep")
@Label("Training Step")
@Description("What a trainer does with a batch, without reading it; on a device that queues work, the time to queue it")
@Category("Alborz")
@StackTrace(false)
final class TrainingStepEvent extends Event {
    @Label("Step")
    @Description("The number of the change of the weights that the batch is for, from 1")
    long step;

    @Label("Samples")
    int samples;

    @Label("Learning Rate")
    double learningRate;
}
