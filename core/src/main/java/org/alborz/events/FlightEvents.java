package org.alborz.events;

import jdk.jfr.Event;
import jdk.jfr.FlightRecorder;

/** Tells the Flight Recorder of this Java. */
final class FlightEvents extends Events {
    /** Null before a recording was started. */
    private Kinds kinds;

    /** Asked whether events of their kinds are recorded, and never committed. */
    private static final class Kinds {
        private final OperationEvent operation = new OperationEvent();
        private final CopyEvent copy = new CopyEvent();
        private final AllocationEvent allocation = new AllocationEvent();
        private final TrainingStepEvent step = new TrainingStepEvent();
    }

    /** The JVM starts the recorder as soon as it meets the class of an event, which would hold up the first step. */
    private Kinds kinds() {
        if (kinds == null && FlightRecorder.isInitialized()) {
            kinds = new Kinds();
        }
        return kinds;
    }

    private static <E extends Event> E begun(E event) {
        event.begin();
        return event;
    }

    @Override
    public boolean recordsOperations() {
        Kinds known = kinds();
        return known != null && known.operation.isEnabled();
    }

    @Override
    public Object beginOperation() {
        Kinds known = kinds();
        return known != null && known.operation.isEnabled() ? begun(new OperationEvent()) : null;
    }

    @Override
    public void endOperation(Object begun, OperationDetails details) {
        OperationEvent event = (OperationEvent) begun;
        event.end();
        if (event.shouldCommit()) {
            event.operation = details.operation();
            event.layer = details.layer();
            event.backward = details.backward();
            event.inputs = details.inputs();
            event.results = details.results();
            event.bytes = details.bytes();
            event.multiplyAdds = details.multiplyAdds();
            event.commit();
        }
    }

    @Override
    public Object beginCopy() {
        Kinds known = kinds();
        return known != null && known.copy.isEnabled() ? begun(new CopyEvent()) : null;
    }

    @Override
    public void endCopy(Object begun, boolean toDevice, String dtype, long bytes) {
        CopyEvent event = (CopyEvent) begun;
        event.end();
        if (event.shouldCommit()) {
            event.direction = toDevice ? "to device" : "to host";
            event.dtype = dtype;
            event.bytes = bytes;
            event.commit();
        }
    }

    @Override
    public Object beginAllocation() {
        Kinds known = kinds();
        return known != null && known.allocation.isEnabled() ? begun(new AllocationEvent()) : null;
    }

    @Override
    public void endAllocation(Object begun, String dtype, long bytes, long used) {
        AllocationEvent event = (AllocationEvent) begun;
        event.end();
        if (event.shouldCommit()) {
            event.dtype = dtype;
            event.bytes = bytes;
            event.used = used;
            event.commit();
        }
    }

    @Override
    public Object beginStep() {
        Kinds known = kinds();
        return known != null && known.step.isEnabled() ? begun(new TrainingStepEvent()) : null;
    }

    @Override
    public void endStep(Object begun, long number, int samples, double learningRate) {
        TrainingStepEvent event = (TrainingStepEvent) begun;
        event.end();
        if (event.shouldCommit()) {
            event.step = number;
            event.samples = samples;
            event.learningRate = learningRate;
            event.commit();
        }
    }
}
