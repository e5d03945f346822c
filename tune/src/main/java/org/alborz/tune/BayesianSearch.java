package org.alborz.tune;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.alborz.random.RandomStream;

/**
 * Chooses where the expected improvement over the best value so far is greatest, by a Gaussian process through all trials (Mockus 1975;
 * Snoek et al. 2012). The first trials are drawn as {@link RandomSearch} draws them. {@link BayesianModel} shows what it believes.
 *
 * <p>Choosing takes a time that grows with the cube of the trials: about 0.2 s after 100 of them.
 *
 * @param seed of all that is drawn
 * @param initial trials that are drawn at random first, at least 2
 */
public record BayesianSearch(long seed, int initial) implements Strategy {
    /** Random settings among which the best is looked for. */
    private static final int CANDIDATES = 1000;

    /** Settings near each of the best trials that are looked at as well. */
    private static final int NEIGHBOURS = 60;

    private static final int BEST = 5;

    /** Widths of the neighbourhoods, one after another. */
    private static final double[] WIDTHS = {0.2, 0.05, 0.01};

    public BayesianSearch {
        if (initial < 2) {
            throw new IllegalArgumentException("BayesianSearch expects at least 2 initial trials, got " + initial);
        }
    }

    /** Draws 8 trials at random first. */
    public BayesianSearch(long seed) {
        this(seed, 8);
    }

    @Override
    public Proposal next(SearchSpace space, Direction direction, int number, List<Trial> trials) {
        RandomStream random = RandomSearch.stream(seed, number);
        List<Trial> ended = direction.ranked(trials);
        Settings drawn = space.random(random);
        if (number < initial || ended.size() < 2) {
            return Proposal.of(drawn);
        }
        BayesianModel model = BayesianModel.of(space, direction, trials, random);
        Set<Settings> tried = trials.stream().map(Trial::settings).collect(Collectors.toSet());
        Settings chosen = drawn;
        double most = Double.NEGATIVE_INFINITY;
        for (Settings candidate : candidates(space, ended, random)) {
            double improvement = model.logExpectedImprovement(candidate);
            if (improvement > most && !tried.contains(candidate)) {
                most = improvement;
                chosen = candidate;
            }
        }
        return Proposal.of(chosen);
    }

    private static List<Settings> candidates(SearchSpace space, List<Trial> ended, RandomStream random) {
        List<Settings> candidates = new ArrayList<>();
        for (int i = 0; i < CANDIDATES; i++) {
            candidates.add(space.random(random));
        }
        for (Trial trial : ended.subList(0, Math.min(BEST, ended.size()))) {
            double[] units = space.units(trial.settings());
            for (int i = 0; i < NEIGHBOURS; i++) {
                double width = WIDTHS[i % WIDTHS.length];
                double[] near = units.clone();
                boolean all = random.nextInt(2) == 0;
                int only = random.nextInt(near.length);
                for (int k = 0; k < near.length; k++) {
                    double step = width * random.normal();
                    if (all || k == only) {
                        near[k] = Math.max(0, Math.min(1, near[k] + step));
                    }
                }
                candidates.add(space.at(near));
            }
        }
        return candidates;
    }
}
