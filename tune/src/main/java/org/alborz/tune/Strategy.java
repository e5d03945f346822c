package org.alborz.tune;

import java.util.List;

/**
 * Chooses what a study tries next, from the trials so far. It has no state but its settings, so that a study that is resumed goes on as if
 * it had not been stopped: with one trial at a time the same trials follow from the same seed.
 */
public interface Strategy {
    /**
     * Returns what to try next, or that there is nothing for now or at all.
     *
     * @param space what may be varied
     * @param direction which values are better
     * @param number of the trial to come
     * @param trials all others, by number, those that still run included
     */
    Proposal next(SearchSpace space, Direction direction, int number, List<Trial> trials);

    /** Returns name and settings, which have to be the same when a stored study is resumed. */
    @Override
    String toString();
}
