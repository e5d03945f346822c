package org.alborz.tune;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Tries many settings with a small budget, the best part of them with a larger one, and so on (Jamieson and Talwalkar 2016): rung k has
 * the best {@code 1/reduction} of rung k − 1 and a budget of {@code minBudget · reductionᵏ}, up to {@code maxBudget}. A rung begins when
 * all trials of the one before have ended. {@link TrialRun#budget} is the budget, and {@link TrialRun#from} the trial to go on from.
 *
 * <p>{@link Asha} does the same without waiting, by stopping trials.
 *
 * @param seed of the settings of the first rung, which are drawn as {@link RandomSearch} draws them
 * @param settings how many the first rung has
 * @param minBudget of the first rung, such as epochs
 * @param maxBudget of the last rung, at most
 * @param reduction at least 2; 3 is common
 */
public record SuccessiveHalving(long seed, int settings, int minBudget, int maxBudget, int reduction)
        implements Strategy {
    public SuccessiveHalving {
        if (settings < 1 || minBudget < 1 || maxBudget < minBudget || reduction < 2) {
            throw new IllegalArgumentException(
                    "SuccessiveHalving expects at least 1 setting, budgets of at least 1, the first"
                            + " not above the second, and a reduction of at least 2, got " + settings + ", " + minBudget
                            + ", "
                            + maxBudget + " and " + reduction);
        }
    }

    @Override
    public Proposal next(SearchSpace space, Direction direction, int number, List<Trial> trials) {
        List<Trial> rung = trials.stream().filter(trial -> trial.from() < 0).toList();
        if (rung.size() < settings) {
            return new Proposal.Try(space.random(RandomSearch.stream(seed, number)), minBudget, -1);
        }
        long budget = minBudget;
        while (budget * reduction <= maxBudget && rung.size() >= reduction) {
            List<Trial> promoted = new ArrayList<>();
            for (Trial trial : trials) {
                if (rung.stream().anyMatch(before -> before.number() == trial.from())) {
                    promoted.add(trial);
                }
            }
            budget *= reduction;
            int places = rung.size() / reduction;
            if (promoted.size() < places) {
                Optional<Proposal> next = promote(direction, rung, promoted, places, (int) budget);
                if (next.isPresent()) {
                    return next.get();
                }
            }
            rung = promoted;
        }
        return Proposal.DONE;
    }

    /** Takes the best that was not promoted yet; empty where all others failed. */
    private static Optional<Proposal> promote(
            Direction direction, List<Trial> rung, List<Trial> promoted, int places, int budget) {
        if (rung.stream().anyMatch(trial -> trial.state() == Trial.State.RUNNING)) {
            return Optional.of(Proposal.WAIT);
        }
        return direction.ranked(rung).stream()
                .filter(Trial::isComplete)
                .limit(places)
                .filter(trial -> promoted.stream().noneMatch(next -> next.from() == trial.number()))
                .min(Comparator.comparingDouble(trial -> direction.cost(trial.value())))
                .map(trial -> (Proposal) new Proposal.Try(trial.settings(), budget, trial.number()));
    }
}
