package org.alborz.tune;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Stops a trial whose loss is no finite number, or has passed a multiple of the first that it reported.
 *
 * @param factor above 1; 3 by default
 */
public record StopDivergence(double factor) implements StoppingRule {
    public StopDivergence {
        if (!(factor > 1) || Double.isInfinite(factor)) {
            throw new IllegalArgumentException("StopDivergence expects a finite factor above 1, got " + factor);
        }
    }

    /** Stops at three times the first loss. */
    public StopDivergence() {
        this(3);
    }

    @Override
    public Optional<String> stop(Direction direction, Trial running, List<Trial> trials) {
        double first = running.reports().get(0).value();
        Trial.Report last = running.reports().get(running.reports().size() - 1);
        if (!Double.isFinite(last.value())) {
            return Optional.of("diverged: " + last.value() + " at step " + last.step());
        }
        if (direction == Direction.MINIMIZE && first > 0 && last.value() > factor * first) {
            return Optional.of(String.format(
                    Locale.ROOT,
                    "diverged: %.4g at step %d is over %s times the first, %.4g",
                    last.value(),
                    last.step(),
                    Settings.text(factor),
                    first));
        }
        return Optional.empty();
    }
}
