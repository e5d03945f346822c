package org.alborz.events;

/**
 * Tells the JDK's Flight Recorder what a session does. Where no recording asks for an event, that costs a comparison; where Java has no
 * module {@code jdk.jfr}, nothing is told.
 *
 * <p>A method that begins an event returns null where it is not recorded, and what is to be given to the method that ends it otherwise.
 */
public class Events {
    Events() {}

    /** Returns what tells the Flight Recorder, or tells nobody where there is none. */
    public static Events find() {
        // The class of the events extends one of jdk.jfr's, so it is loaded only where that module is.
        return ModuleLayer.boot().findModule("jdk.jfr").isPresent() ? new FlightEvents() : new Events();
    }

    /** Tells whether operations are recorded. */
    public boolean recordsOperations() {
        return false;
    }

    public Object beginOperation() {
        return null;
    }

    /** Ends the event of an operation. */
    public void endOperation(Object begun, OperationDetails details) {}

    public Object beginCopy() {
        return null;
    }

    /**
     * Ends the event of a copy.
     *
     * @param toDevice whether it was from the host to the device, or back
     */
    public void endCopy(Object begun, boolean toDevice, String dtype, long bytes) {}

    public Object beginAllocation() {
        return null;
    }

    public void endAllocation(Object begun, String dtype, long bytes, long used) {}

    public Object beginStep() {
        return null;
    }

    public void endStep(Object begun, long number, int samples, double learningRate) {}
}
