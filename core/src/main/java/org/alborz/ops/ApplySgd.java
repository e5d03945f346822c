package org.alborz.ops;

import org.alborz.backend.Backend;
import org.alborz.backend.ReplayedUpdate;
import org.alborz.backend.SgdStep;
import org.alborz.backend.StepNumbers;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;

/**
 * One step of stochastic gradient descent in place. Inputs are the values, their gradient, and the velocity or null where the momentum is
 * 0; values and velocity are overwritten, as {@link SgdStep#step} says. A fourth input, the step's numbers in memory, takes the place of the learning rate in {@code p}.
 */
public record ApplySgd(SgdStep.Parameters p) implements Op {
    private static final int VALUE = 0;
    private static final int GRADIENT = 1;
    private static final int VELOCITY = 2;
    private static final int NUMBERS = 3;

    @Override
    public String name() {
        return "SGD";
    }

    @Override
    public void infer(Call call) {
        call.updates(VALUE, GRADIENT, call.dtype(VALUE));
        if (call.has(NUMBERS)) {
            call.stepNumbers(NUMBERS);
        }
        call.overwrite(VALUE);
        if (call.has(VELOCITY)) {
            call.updates(VALUE, VELOCITY, call.dtype(VALUE).accumulator());
            call.overwrite(VELOCITY);
        }
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
            replayed.step(p, call.in(NUMBERS), call.in(VALUE), call.in(GRADIENT), call.in(VELOCITY));
        }
    }

    private static void compute(SgdStep.Parameters p, Backend backend, Call call) {
        SgdStep fusion = backend.fusion(SgdStep.class).orElse(null);
        if (fusion == null) {
            composed(p, call.tensor(VALUE), call.tensor(GRADIENT), call.tensor(VELOCITY));
        } else {
            fusion.step(p, call.in(VALUE), call.in(GRADIENT), call.in(VELOCITY));
        }
    }

    @Override
    public int gradients() {
        return 0;
    }

    /** Does the same by single operations; what a backend's fusion is checked against. */
    public static void composed(SgdStep.Parameters p, Tensor value, Tensor gradient, Tensor velocity) {
        DType wide = value.dtype().accumulator();
        Tensor theta = value.to(wide);
        Tensor slope = gradient.to(wide);
        Tensor g = p.weightDecay() == 0 ? slope : slope.add(theta.mul(p.weightDecay()));
        Tensor direction = g;
        if (velocity != null) {
            velocity.assign(velocity.mul(p.momentum()).add(g));
            direction = p.nesterov() ? g.add(velocity.mul(p.momentum())) : velocity;
        }
        value.assign(theta.sub(direction.mul(p.learningRate())));
    }
}
