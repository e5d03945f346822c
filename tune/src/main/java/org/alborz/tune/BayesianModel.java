package org.alborz.tune;

import java.util.List;
import org.alborz.random.RandomStream;
import org.alborz.text.Given;

/**
 * What a {@link BayesianSearch} believes about settings that were not tried: a Gaussian process through the trials so far. It is for
 * looking at a search; the search itself asks it for the {@linkplain Estimate#expectedImprovement expected improvement}, which is
 * great where the mean promises a good value (exploitation) and where little is known (exploration).
 *
 * <p>Trials that still run count as if they had come to the mean of the others, those that failed as if to the worst.
 */
public final class BayesianModel {
    private final SearchSpace space;
    private final Direction direction;
    private final GaussianProcess process;
    private final double best;

    /**
     * An estimate of the value at some settings.
     *
     * @param mean the value that is expected
     * @param standardDeviation how uncertain that is, without the noise of trials
     * @param expectedImprovement by how much the value is expected to be better than the best so far, worse ones counting as 0
     */
    public record Estimate(double mean, double standardDeviation, double expectedImprovement) {}

    private BayesianModel(SearchSpace space, Direction direction, GaussianProcess process, double best) {
        this.space = space;
        this.direction = direction;
        this.process = process;
        this.best = best;
    }

    /**
     * Returns the model of a study's trials.
     *
     * @param seed of the search for the length scales that explain the trials best
     * @throws IllegalArgumentException where fewer than 2 trials have a value
     */
    public static BayesianModel of(Study study, long seed) {
        Given.value(study, "BayesianModel", "a study");
        List<Trial> trials = study.trials();
        return of(study.space(), study.direction(), trials, RandomSearch.stream(seed, trials.size()));
    }

    static BayesianModel of(SearchSpace space, Direction direction, List<Trial> trials, RandomStream random) {
        List<Trial> ended = direction.ranked(trials);
        if (ended.size() < 2) {
            throw new IllegalArgumentException(
                    "BayesianModel expects at least 2 trials with a value, got " + ended.size() + "; run more first");
        }
        double best = direction.cost(ended.get(0).value());
        double worst = direction.cost(ended.get(ended.size() - 1).value());
        double mean = ended.stream()
                .mapToDouble(trial -> direction.cost(trial.value()))
                .average()
                .orElseThrow();
        double[][] codes = new double[trials.size()][];
        double[] costs = new double[trials.size()];
        for (int i = 0; i < costs.length; i++) {
            Trial trial = trials.get(i);
            codes[i] = space.encode(trial.settings());
            costs[i] = trial.hasValue()
                    ? direction.cost(trial.value())
                    : trial.state() == Trial.State.RUNNING ? mean : worst;
        }
        return new BayesianModel(space, direction, GaussianProcess.fit(codes, costs, random), best);
    }

    /** Returns the estimate at some settings of the space. */
    public Estimate at(Settings settings) {
        double[] normal = process.predict(space.encode(settings));
        return new Estimate(
                direction.cost(normal[0]), Math.sqrt(normal[1]), Math.exp(logExpectedImprovement(settings)));
    }

    /** Returns a logarithm that also orders settings of which none promises much. */
    double logExpectedImprovement(Settings settings) {
        return process.logExpectedImprovement(space.encode(settings), best);
    }
}
