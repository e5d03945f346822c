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
     * The backend cannot run.
     *
     * @param reason what is missing, as a sentence with its full stop
     * @param remedy what the user can do about it, likewise
     */
    record Unusable(String reason, String remedy) implements Probe {}
}
