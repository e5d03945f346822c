package org.alborz.tune;

/** What a {@link Strategy} answers. */
public sealed interface Proposal {
    /** Nothing can be chosen before a running trial has ended. */
    Proposal WAIT = new Wait();

    /** The strategy is through. */
    Proposal DONE = new Done();

    /** Returns the proposal to try settings without a budget. */
    static Proposal of(Settings settings) {
        return new Try(settings, 0, -1);
    }

    /**
     * Settings to try.
     *
     * @param budget such as epochs; 0 for none
     * @param from number of the trial that it goes on from, or −1
     */
    record Try(Settings settings, int budget, int from) implements Proposal {}

    /** See {@link #WAIT}. */
    record Wait() implements Proposal {}

    /** See {@link #DONE}. */
    record Done() implements Proposal {}
}
