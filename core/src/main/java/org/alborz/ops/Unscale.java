package org.alborz.ops;

import java.util.Arrays;
import org.alborz.backend.Backend;
import org.alborz.backend.LossScaleStep;
import org.alborz.backend.UnaryOp;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;

/**
 * Divides gradients by a loss scale and adapts the scale, in place, as {@link LossScaleStep#step} does. Inputs are the gradients, the state, the factor, and
 * optionally the choices and the numbers; all but the choices are overwritten.
 */
public record Unscale(LossScaleStep.Parameters p) implements Op {
    private static final int GRADIENTS = 0;
    private static final int STATE = 1;
    private static final int FACTOR = 2;
    private static final int CHOICES = 3;
    private static final int NUMBERS = 4;

    @Override
    public void infer(Call call) {
        require(call, GRADIENTS, DType.FLOAT32, call.shape(GRADIENTS).elements());
        require(call, STATE, DType.FLOAT64, LossScaleStep.STATE);
        require(call, FACTOR, DType.FLOAT32, 1);
        call.overwrite(GRADIENTS);
        call.overwrite(STATE);
        call.overwrite(FACTOR);
        if (call.has(CHOICES) != call.has(NUMBERS)) {
            throw new IllegalArgumentException(name() + " expects choices and numbers, or neither");
        }
        if (call.has(NUMBERS)) {
            long count = call.shape(NUMBERS).elements();
            long choices = call.shape(CHOICES).elements();
            require(call, NUMBERS, DType.FLOAT64, count);
            require(call, CHOICES, DType.FLOAT64, choices);
            if (count == 0 || choices <= count || (choices - 1) % count != 0) {
                throw new IllegalArgumentException(
                        name() + " expects one choice and rows of " + count + ", got " + call.describe(CHOICES));
            }
            call.overwrite(NUMBERS);
        }
    }

    private void require(Call call, int input, DType dtype, long elements) {
        if (call.dtype(input) != dtype
                || call.shape(input).elements() != elements
                || !call.layout(input).isDense()) {
            throw new IllegalArgumentException(name() + " expects as input " + input + " a dense tensor of " + elements
                    + " elements of " + dtype + ", got " + call.describe(input));
        }
    }

    @Override
    public void compute(Backend backend, Call call) {
        LossScaleStep fusion = backend.fusion(LossScaleStep.class).orElse(null);
        if (fusion == null) {
            composed(
                    p,
                    call.tensor(GRADIENTS),
                    call.tensor(STATE),
                    call.tensor(FACTOR),
                    call.tensor(CHOICES),
                    call.tensor(NUMBERS));
        } else {
            fusion.step(p, call.in(GRADIENTS), call.in(STATE), call.in(FACTOR), call.in(CHOICES), call.in(NUMBERS));
        }
    }

    @Override
    public int gradients() {
        return 0;
    }

    /** Does the same by single operations and on the host, for which it waits; what a backend's fusion is checked against. */
    public static void composed(
            LossScaleStep.Parameters p, Tensor gradients, Tensor state, Tensor factor, Tensor choices, Tensor numbers) {
        double[] now = state.toDoubles();
        gradients.update(UnaryOp.MULTIPLY, 1 / now[LossScaleStep.SCALE]);
        // 0 · g is 0 for every finite g and NaN for the others.
        boolean finite = gradients.mul(0).sum().item() == 0;
        now[LossScaleStep.OVERFLOWED] = finite ? 0 : 1;
        now[LossScaleStep.STEPS]++;
        if (!finite) {
            now[LossScaleStep.SKIPPED]++;
            now[LossScaleStep.STEPS] = 0;
            now[LossScaleStep.SCALE] = Math.max(p.smallest(), now[LossScaleStep.SCALE] * p.backoff());
        } else if (now[LossScaleStep.STEPS] == p.growthSteps()) {
            now[LossScaleStep.STEPS] = 0;
            now[LossScaleStep.SCALE] = Math.min(p.largest(), now[LossScaleStep.SCALE] * p.growth());
        }
        state.session().write(now, state);
        factor.fill(now[LossScaleStep.SCALE]);
        if (numbers != null) {
            double[] all = choices.toDoubles();
            int count = (int) numbers.shape().elements();
            double place = finite ? 1 + now[LossScaleStep.SKIPPED] - all[0] : 0;
            int row = place >= 0 && place < (all.length - 1) / count ? (int) place : 0;
            state.session().write(Arrays.copyOfRange(all, 1 + row * count, 1 + (row + 1) * count), numbers);
        }
    }
}
