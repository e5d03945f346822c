package org.alborz.tune;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Asynchronous successive halving (Li et al. 2020): at the steps {@code minSteps · reductionᵏ} a trial goes on only if its value is in the
 * best {@code 1/reduction} of all that have come that far. It never waits for others, so the first trials are judged mildly.
 *
 * @param minSteps the first step at which trials are stopped, at least 1
 * @param reduction at least 2; 3 is common
 */
public record Asha(int minSteps, int reduction) implements StoppingRule {
    public Asha {
        if (minSteps < 1 || reduction < 2) {
            throw new IllegalArgumentException("Asha expects minSteps of at least 1 and a reduction of at least 2, got "
                    + minSteps + " and " + reduction);
        }
    }

    @Override
    public Optional<String> stop(Direction direction, Trial running, List<Trial> trials) {
        List<Trial.Report> reports = running.reports();
        int last = reports.get(reports.size() - 1).step();
        int before = reports.size() < 2 ? 0 : reports.get(reports.size() - 2).step();
        for (long rung = minSteps; rung <= last; rung *= reduction) {
            Optional<String> reason = rung > before ? stopAt(direction, rung, running, trials) : Optional.empty();
            if (reason.isPresent()) {
                return reason;
            }
        }
        return Optional.empty();
    }

    private Optional<String> stopAt(Direction direction, long rung, Trial running, List<Trial> trials) {
        double cost = costAt(direction, rung, running).orElseThrow();
        double[] costs = trials.stream()
                .map(trial -> costAt(direction, rung, trial))
                .flatMapToDouble(OptionalDouble::stream)
                .toArray();
        int better = 0;
        for (double other : costs) {
            better += other < cost || Double.isNaN(cost) && !Double.isNaN(other) ? 1 : 0;
        }
        int places = Math.max(1, (costs.length + 1) / reduction);
        return better < places
                ? Optional.empty()
                : Optional.of(better + " of " + costs.length + " others were better at step " + rung);
    }

    /** Returns the first cost at this step or after it; empty where the trial has not come that far. */
    private static OptionalDouble costAt(Direction direction, long step, Trial trial) {
        return trial.reports().stream()
                .filter(report -> report.step() >= step)
                .mapToDouble(report -> direction.cost(report.value()))
                .findFirst();
    }
}
