package org.alborz.ops;

import org.alborz.backend.AdamStep;
import org.alborz.backend.Backend;
import org.alborz.backend.ReplayedUpdate;
import org.alborz.backend.StepNumbers;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;

/**
 * One step of Adam or AdamW in place. Inputs are the values, their gradient, and the first and the second moment; the values and both
 * moments are overwritten, as {@link AdamStep#step} says. A fifth input, the step's numbers in memory, takes the place of those in {@code p}.
 */
public record ApplyAdam(AdamStep.Parameters p) implements Op {
    private static final int VALUE = 0;
    private static final int GRADIENT = 1;
    private static final int FIRST_MOMENT = 2;
    private static final int SECOND_MOMENT = 3;
    private static final int NUMBERS = 4;

    @Override
    public String name() {
        return "Adam";
    }

    @Override
    public void infer(Call call) {
        DType wide = call.dtype(VALUE).accumulator();
        call.updates(VALUE, GRADIENT, call.dtype(VALUE));
        call.updates(VALUE, FIRST_MOMENT, wide);
        call.updates(VALUE, SECOND_MOMENT, wide);
        if (call.has(NUMBERS)) {
            call.stepNumbers(NUMBERS);
        }
        call.overwrite(VALUE);
        call.overwrite(FIRST_MOMENT);
        call.overwrite(SECOND_MOMENT);
    }

    @Override
    public void compute(Backend backend, Call call) {
        ReplayedUpdate replayed =
                call.has(NUMBERS) ? backend.fusion(ReplayedUpdate.class).orElse(null) : null;
        if (replayed == null) {
            StepNumbers numbers = call.has(NUMBERS) ? call.readStepNumbers(NUMBERS) : null;
            if (numbers == null || !numbers.isNone()) {
                compute(numbers == null ? p : p.with(numbers), backend, call);
            }
        } else {
            replayed.step(
                    p,
                    call.in(NUMBERS),
                    call.in(VALUE),
                    call.in(GRADIENT),
                    call.in(FIRST_MOMENT),
                    call.in(SECOND_MOMENT));
        }
    }

    private static void compute(AdamStep.Parameters p, Backend backend, Call call) {
        AdamStep fusion = backend.fusion(AdamStep.class).orElse(null);
        if (fusion == null) {
            composed(
                    p,
                    call.tensor(VALUE),
                    call.tensor(GRADIENT),
                    call.tensor(FIRST_MOMENT),
                    call.tensor(SECOND_MOMENT));
        } else {
            fusion.step(p, call.in(VALUE), call.in(GRADIENT), call.in(FIRST_MOMENT), call.in(SECOND_MOMENT));
        }
    }

    @Override
    public int gradients() {
        return 0;
    }

    /** Does the same by single operations; what a backend's fusion is checked against. */
    public static void composed(AdamStep.Parameters p, Tensor value, Tensor gradient, Tensor m, Tensor v) {
        Tensor theta = value.to(m.dtype());
        Tensor slope = gradient.to(m.dtype());
        Tensor g = p.decay() == 0 ? slope : slope.add(theta.mul(p.decay()));
        m.assign(m.mul(p.beta1()).add(g.mul(1 - p.beta1())));
        v.assign(v.mul(p.beta2()).add(g.square().mul(1 - p.beta2())));
        Tensor deviation = v.mul(p.correction()).sqrt().add(p.epsilon());
        Tensor kept = p.shrink() == 1 ? theta : theta.mul(p.shrink());
        value.assign(kept.sub(m.mul(p.rate()).div(deviation)));
    }
}
