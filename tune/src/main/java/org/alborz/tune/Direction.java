package org.alborz.tune;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Which values of a study are better. */
public enum Direction {
    MINIMIZE,
    MAXIMIZE;

    /** Returns a value such that less is better. */
    double cost(double value) {
        return this == MINIMIZE ? value : -value;
    }

    /** Returns trials with a value, the best first, of equal ones the earlier. */
    List<Trial> ranked(List<Trial> trials) {
        return trials.stream()
                .filter(Trial::hasValue)
                .sorted(Comparator.comparingDouble((Trial trial) -> cost(trial.value()))
                        .thenComparingInt(Trial::number))
                .toList();
    }

    /** Returns the best of those that ran to their end. */
    Optional<Trial> best(List<Trial> trials) {
        return ranked(trials).stream().filter(Trial::isComplete).findFirst();
    }
}
