package org.alborz.cli;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The rates of a work's repetitions. */
public final class Measurement {
    private final Workload work;
    private final List<Double> rates = new ArrayList<>();

    /**
     * What {@code --json} lists.
     *
     * @param ours the median
     * @param low of all repetitions
     * @param high of all repetitions
     */
    public record Result(String work, double ours, String unit, double low, double high) {}

    public Measurement(Workload work) {
        this.work = work;
    }

    public void repeat(double seconds) {
        rates.add(work.rate(seconds));
    }

    double amount() {
        return work.amount();
    }

    public Result result() {
        return new Result(work.name(), median(rates), work.unit(), Collections.min(rates), Collections.max(rates));
    }

    public static double median(List<Double> values) {
        return quantile(values, 0.5);
    }

    /** Returns the value that the given share of the values is below, from 0 to 1, interpolated between two of them. */
    static double quantile(List<Double> values, double share) {
        List<Double> sorted = values.stream().sorted().toList();
        double at = share * (sorted.size() - 1);
        int below = (int) at;
        int above = Math.min(below + 1, sorted.size() - 1);
        return sorted.get(below) + (at - below) * (sorted.get(above) - sorted.get(below));
    }
}
