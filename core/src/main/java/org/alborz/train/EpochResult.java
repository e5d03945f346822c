package org.alborz.train;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What one epoch of training came to.
 *
 * @param epoch counted from 1
 * @param loss the mean training loss, measured while the weights were changing
 * @param values of the metrics on the training data by name, likewise
 * @param validation on the validation data after the epoch, or null where there is none
 * @param seconds of training, without the validation
 * @param samplesPerSecond of training
 */
public record EpochResult(
        int epoch,
        double loss,
        Map<String, Double> values,
        Evaluation validation,
        double seconds,
        double samplesPerSecond) {
    public EpochResult {
        values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    /** Returns the training accuracy, where a metric of that name was asked for. */
    public double accuracy() {
        return value("accuracy");
    }

    /**
     * Returns a loss or metric by its name: {@code loss}, {@code accuracy}, or with {@code val_} in front that of the validation.
     *
     * @throws IllegalArgumentException when there is none of that name; it lists those there are
     */
    public double value(String name) {
        if (validation != null && name.startsWith(Figures.VALIDATION)) {
            return validation.value(name.substring(Figures.VALIDATION.length()));
        }
        return Figures.value(name, loss, values);
    }

    /** Returns all figures by name, those of the validation with {@code val_} in front. */
    public Map<String, Double> figures() {
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put("loss", loss);
        figures.putAll(values);
        if (validation != null) {
            figures.put(Figures.VALIDATION + "loss", validation.loss());
            validation.values().forEach((name, value) -> figures.put(Figures.VALIDATION + name, value));
        }
        return figures;
    }

    /** Tells whether the losses are numbers; the weights may be finite and yet so large that nothing they compute is. */
    public boolean isFinite() {
        return Double.isFinite(loss) && (validation == null || Double.isFinite(validation.loss()));
    }

    /** Returns the figures in a line to print. */
    @Override
    public String toString() {
        return "epoch " + epoch + "  " + Figures.text(figures());
    }
}
