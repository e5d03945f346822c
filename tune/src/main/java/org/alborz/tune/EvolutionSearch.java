package org.alborz.tune;

import java.util.List;
import java.util.stream.Stream;
import org.alborz.random.RandomStream;

/**
 * Regularised evolution (Real et al. 2019): of the last {@code population} trials some are drawn, the best of these is the parent, and its
 * settings with one of them drawn again are tried. The oldest of the population is forgotten, however good it was.
 *
 * @param seed of all that is drawn
 * @param population at least 2; so many trials are drawn as by {@link RandomSearch} before the first has a parent
 * @param sample of the population that compete to be the parent, at least 1
 */
public record EvolutionSearch(long seed, int population, int sample) implements Strategy {
    /** Draws until the child differs from its parent, at most so often. */
    private static final int MOST_DRAWS = 100;

    public EvolutionSearch {
        if (population < 2 || sample < 1 || sample > population) {
            throw new IllegalArgumentException(
                    "EvolutionSearch expects a population of at least 2 and a sample of 1 to that many, got "
                            + population + " and " + sample);
        }
    }

    @Override
    public Proposal next(SearchSpace space, Direction direction, int number, List<Trial> trials) {
        RandomStream random = RandomSearch.stream(seed, number);
        List<Trial> ended = trials.stream().filter(Trial::hasValue).toList();
        if (number < population || ended.isEmpty()) {
            return Proposal.of(space.random(random));
        }
        List<Trial> living = ended.subList(Math.max(0, ended.size() - population), ended.size());
        List<Trial> drawn = Stream.generate(() -> living.get(random.nextInt(living.size())))
                .limit(sample)
                .toList();
        return Proposal.of(mutate(space, direction.ranked(drawn).get(0).settings(), random));
    }

    private static Settings mutate(SearchSpace space, Settings parent, RandomStream random) {
        double[] units = space.units(parent);
        Settings child = parent;
        for (int i = 0; i < MOST_DRAWS && child.equals(parent); i++) {
            double[] changed = units.clone();
            changed[random.nextInt(changed.length)] = random.uniform();
            child = space.at(changed);
        }
        return child;
    }
}
