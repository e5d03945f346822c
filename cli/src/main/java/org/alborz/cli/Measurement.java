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
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }
}
