package org.alborz.train;

import java.util.Map;
import java.util.TreeMap;
import org.alborz.text.Given;

/**
 * Sets the learning rate at the beginning of each epoch by a function of the epoch and of the learning rate before it. A {@link
 * org.alborz.optim.Schedule} of the trainer, which goes by steps, multiplies it; most need only one of them.
 *
 * <pre>{@code
 * new LearningRateScheduler((epoch, rate) -> epoch < 10 ? rate : rate * 0.9)
 * }</pre>
 */
public final class LearningRateScheduler implements Callback {
    private static final String EPOCH = "epoch";
    private static final String FACTOR = "factor";

    private final Function schedule;
    private double factor = 1;

    /** The epoch, from 0, that the factor was decided for, or −1. */
    private int decided = -1;

    /** Returns the learning rate of an epoch. */
    @FunctionalInterface
    public interface Function {
        /**
         * Returns the learning rate, a finite number of at least 0.
         *
         * @param epoch counted from 0, as Keras does
         * @param rate of the epoch before, without the trainer's schedule; the optimizer's at first
         */
        double rate(int epoch, double rate);
    }

    /**
     * Sets the learning rate by a function.
     *
     * @param schedule the same in a resumed run, which this cannot check
     */
    public LearningRateScheduler(Function schedule) {
        this.schedule = Given.value(schedule, "LearningRateScheduler", "a function of epoch and learning rate");
    }

    @Override
    public double learningRateFactor() {
        return factor;
    }

    @Override
    public void onEpochBegin(Trainer trainer) {
        int epoch = trainer.epoch();
        if (decided == epoch) {
            return; // a resumed run continues within it
        }
        double first = trainer.optimizer().learningRate();
        double rate = schedule.rate(epoch, first * factor);
        if (!(rate >= 0) || Double.isInfinite(rate)) {
            throw new IllegalStateException(
                    "LearningRateScheduler expects its function to return a finite learning rate of at least 0, got "
                            + rate + " for epoch " + epoch + " and the learning rate " + first * factor);
        }
        if (first == 0) {
            throw new IllegalStateException("LearningRateScheduler expects an optimizer with a learning rate above 0,"
                    + " which it multiplies, got 0; give the optimizer the first learning rate");
        }
        factor = rate / first;
        decided = epoch;
    }

    @Override
    public Map<String, String> state() {
        Map<String, String> state = new TreeMap<>();
        state.put(EPOCH, Integer.toString(decided));
        state.put(FACTOR, Double.toString(factor));
        return state;
    }

    @Override
    public void restore(Map<String, String> state) {
        SavedState saved = new SavedState(name(), state);
        int epoch = "-1".equals(state.get(EPOCH)) ? -1 : saved.count(EPOCH);
        double value = saved.number(FACTOR, 1);
        if (value < 0) {
            throw saved.wrong(FACTOR, null);
        }
        decided = epoch;
        factor = value;
    }
}
