package org.alborz.train;

import jdk.jfr.Category;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** One training step in a Java Flight Recorder recording; costs nothing while none runs. */
@Name("org.alborz.TrainingStep")
@Label("Training Step")
@Category("Alborz")
@StackTrace(false)
final class StepEvent extends Event {
    @Label("Step")
    long step;

    @Label("Batch Size")
    int batchSize;
}
