package org.alborz.monitor;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;
import java.util.Map;

/**
 * What the page of a training run shows.
 *
 * @param title such as the model's name
 * @param subtitle a line on data and backend
 * @param stopped why the run ended early, or null
 * @param epochsInAll that the run is to have
 * @param epochs the figures of each one that is finished, its number first, then the loss and so on; null for what is not finite
 * @param steps what was measured within the epochs
 * @param parameters how many numbers are learned; null where that is not known
 * @param evaluation of a classifier, or null
 * @param filters of the first layer, as {@code data:} URIs
 * @param settings of the run, in words
 * @param machine it ran on, in words
 * @param times in words
 * @param footer a line at the end
 */
@JsonNaming(SnakeCaseStrategy.class)
public record Report(
        String title,
        String subtitle,
        Status status,
        String stopped,
        int epochsInAll,
        List<Map<String, Double>> epochs,
        Steps steps,
        Long parameters,
        ClassifierReport evaluation,
        List<String> filters,
        Map<String, String> settings,
        Map<String, String> machine,
        Map<String, String> times,
        String footer) {
    /** Whether a run goes on. */
    public enum Status {
        /** It trains. */
        running,
        /** All epochs are done. */
        finished,
        /** It ended before. */
        stopped
    }

    /**
     * What was measured within the epochs, by the lines of a {@link StepLog}.
     *
     * @param epoch how many epochs were done, with a fraction
     * @param time when, in seconds since 1970
     * @param loss the mean since the line before; null for what is not finite
     * @param updateRatios by parameter, of one step
     */
    @JsonNaming(SnakeCaseStrategy.class)
    public record Steps(
            List<Double> epoch,
            List<Double> time,
            List<Double> loss,
            List<Double> learningRate,
            Map<String, List<Double>> updateRatios) {
        /** Nothing that was measured. */
        public static final Steps NONE = new Steps(List.of(), List.of(), List.of(), List.of(), Map.of());
    }
}
