package org.alborz.tune;

import java.util.List;

/**
 * Tries every combination, the last dimension changing fastest.
 *
 * @param points values of a numeric dimension, its ends included; of choices, and of whole numbers where there are fewer, all are tried
 */
public record GridSearch(int points) implements Strategy {
    public GridSearch {
        if (points < 1) {
            throw new IllegalArgumentException("GridSearch expects at least 1 point a dimension, got " + points);
        }
    }

    @Override
    public Proposal next(SearchSpace space, Direction direction, int number, List<Trial> trials) {
        List<Settings> grid = space.grid(points);
        return number < grid.size() ? Proposal.of(grid.get(number)) : Proposal.DONE;
    }
}
