package org.alborz.train;

import jdk.jfr.Category;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** One training step in a Java Flight Recorder recording; costs nothing while there is none. */
@Name("org.alborz.TrainingStep")
@Label("Training Step")
@Category("Alborz")
@StackTrace(false)
final class StepEvent extends Event {
    @Label("Step")
    long step;

    @Label("Batch Size")
    int batchSize;

    /** Begins an event. */
    static StepEvent begun() {
        StepEvent event = new StepEvent();
        event.begin();
        return event;
    }

    /** Ends the event and records it. */
    void commit(long number, int size) {
        step = number;
        batchSize = size;
        commit();
    }
}
