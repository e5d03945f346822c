package org.alborz.ops;

import org.alborz.backend.Backend;
import org.alborz.type.DType;

/**
 * Moves the running statistics of a batch normalisation towards those of a batch, in place: {@code running = (1 − momentum)·running +
 * momentum·observed}, the variance times {@code correction} first, which makes it unbiased.
 *
 * <p>Inputs are the batch's mean and biased variance, and the running mean and variance, which are overwritten: {@code [C]} each, of one
 * type and contiguous.
 */
public record RunningStatistics(double momentum, double correction) implements Op {
    static final int MEAN = 0;
    static final int VARIANCE = 1;
    private static final int RUNNING_MEAN = 2;
    private static final int RUNNING_VARIANCE = 3;

    @Override
    public void infer(Call call) {
        DType dtype = call.dtype(MEAN);
        for (int input = MEAN; input <= RUNNING_VARIANCE; input++) {
            call.updates(MEAN, input, dtype);
            if (!call.shape(input).equals(call.shape(MEAN))) {
                throw new IllegalArgumentException(
                        name() + " expects statistics " + call.shape(MEAN) + ", got " + call.describe(input));
            }
        }
        call.overwrite(RUNNING_MEAN);
        call.overwrite(RUNNING_VARIANCE);
    }

    @Override
    public void compute(Backend backend, Call call) {
        backend.normalization()
                .moveStatistics(
                        momentum,
                        correction,
                        call.in(MEAN),
                        call.in(VARIANCE),
                        call.in(RUNNING_MEAN),
                        call.in(RUNNING_VARIANCE));
    }

    @Override
    public int gradients() {
        return 0;
    }
}
