package org.alborz.tune;

import java.util.List;
import java.util.Optional;

/** Ends trials that promise little. */
public interface StoppingRule {
    /**
     * Tells after each value that a trial reports whether to stop it.
     *
     * @param running has at least one report, the last of which is new
     * @param trials all others, by number
     * @return why it is to be stopped, in words; empty where it goes on
     */
    Optional<String> stop(Direction direction, Trial running, List<Trial> trials);

    /** Returns name and settings, which have to be the same when a stored study is resumed. */
    @Override
    String toString();
}
