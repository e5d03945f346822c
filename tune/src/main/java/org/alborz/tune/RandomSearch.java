package org.alborz.tune;

import java.util.List;
import org.alborz.random.RandomStream;
import org.alborz.random.Streams;

/**
 * Draws each trial's settings independently of all others (Bergstra and Bengio 2012). They depend on the seed and the trial's number only,
 * not on how many run at a time.
 */
public record RandomSearch(long seed) implements Strategy {
    @Override
    public Proposal next(SearchSpace space, Direction direction, int number, List<Trial> trials) {
        return Proposal.of(space.random(stream(seed, number)));
    }

    /** Returns the random numbers of a trial. */
    static RandomStream stream(long seed, int number) {
        return new RandomStream(seed, Streams.SEARCH.stream(number));
    }
}
