package org.alborz.backend;

/** What a provider found out about its backend on this machine. */
public sealed interface Probe {
    /**
     * The backend can run.
     *
     * @param device what it would run on
     */
    record Usable(String device) implements Probe {}

    /**
     * The backend can run, but hardly better than a less preferred one: {@code auto} passes it over, with a warning; who names it gets it,
     * with a warning.
     *
     * @param device what it would run on
     * @param reason what is wrong with it, as a sentence with its full stop
     * @param remedy what the user can do about it, likewise
     */
    record Discouraged(String device, String reason, String remedy) implements Probe {}

    /**
     * The backend cannot run.
     *
     * @param reason what is missing, as a sentence with its full stop
     * @param remedy what the user can do about it, likewise
     * @param expected whether it is no fault, since the machine has no such device; then {@code auto} passes it over without a warning
     */
    record Unusable(String reason, String remedy, boolean expected) implements Probe {
        /** Says that something is missing that the user needs to know. */
        public Unusable(String reason, String remedy) {
            this(reason, remedy, false);
        }
    }
}
