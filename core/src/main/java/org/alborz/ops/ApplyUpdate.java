package org.alborz.ops;

import org.alborz.backend.Backend;
import org.alborz.backend.BinaryOp;
import org.alborz.backend.ReplayedUpdate;
import org.alborz.backend.StepNumbers;
import org.alborz.backend.UnaryOp;
import org.alborz.backend.UpdateRule;
import org.alborz.backend.UpdateStep;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;

/**
 * One step of an optimizer in place that updates each element independently. Inputs are the values, their gradient, and as many states as the
 * rule has; values and states are overwritten, as in {@link UpdateStep#step}. A sixth input, the step's numbers in memory, takes the place of those in {@code p}.
 */
public record ApplyUpdate(UpdateStep.Parameters p) implements Op {
    private static final int VALUE = 0;
    private static final int GRADIENT = 1;
    private static final int FIRST = 2;
    private static final int NUMBERS = 5;

    /**
     * Does a step of a rule that reads no gradient and has one state.
     *
     * @param numbers of the step
     * @param inMemory those in memory that take their place, or null
     */
    public static void withoutGradient(
            UpdateRule rule, StepNumbers numbers, Tensor values, Tensor state, Tensor inMemory) {
        var p = new UpdateStep.Parameters(rule, numbers.rate(), 0, 0, 0, numbers.correction(), 0, 0, numbers.shrink());
        Engine.applyAll(new ApplyUpdate(p), 0, values, values, state, null, null, inMemory);
    }

    @Override
    public String name() {
        return p.rule().name();
    }

    @Override
    public void infer(Call call) {
        DType wide = call.dtype(VALUE).accumulator();
        call.updates(VALUE, GRADIENT, call.dtype(VALUE));
        for (int i = FIRST; i < FIRST + p.rule().states(); i++) {
            call.updates(VALUE, i, wide);
        }
        for (int i = FIRST + p.rule().states(); i < Math.min(NUMBERS, call.count()); i++) {
            if (call.has(i)) {
                throw new IllegalArgumentException(name() + " expects "
                        + p.rule().states() + " states, got " + call.describe(i) + " as another one");
            }
        }
        if (call.has(NUMBERS)) {
            call.stepNumbers(NUMBERS);
        }
        call.overwrite(VALUE);
        for (int i = FIRST; i < FIRST + p.rule().states(); i++) {
            call.overwrite(i);
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
            replayed.step(
                    p,
                    call.in(NUMBERS),
                    call.in(VALUE),
                    call.in(GRADIENT),
                    call.in(FIRST),
                    call.in(FIRST + 1),
                    call.in(FIRST + 2));
        }
    }

    private static void compute(UpdateStep.Parameters p, Backend backend, Call call) {
        UpdateStep fusion = backend.fusion(UpdateStep.class).orElse(null);
        if (fusion == null) {
            composed(
                    p,
                    call.tensor(VALUE),
                    call.tensor(GRADIENT),
                    call.tensor(FIRST),
                    call.tensor(FIRST + 1),
                    call.tensor(FIRST + 2));
        } else {
            fusion.step(p, call.in(VALUE), call.in(GRADIENT), call.in(FIRST), call.in(FIRST + 1), call.in(FIRST + 2));
        }
    }

    @Override
    public int gradients() {
        return 0;
    }

    /** Does the same by single operations; what a backend's fusion is checked against. */
    public static void composed(UpdateStep.Parameters p, Tensor value, Tensor gradient, Tensor a, Tensor b, Tensor c) {
        Tensor theta = value.to(a.dtype());
        Tensor slope = gradient.to(a.dtype());
        Tensor g = p.decay() == 0 ? slope : slope.add(theta.mul(p.decay()));
        Tensor change = switch (p.rule()) {
            case ADAGRAD -> {
                a.assign(a.add(g.square()));
                yield g.mul(p.rate()).div(a.sqrt().add(p.epsilon()));
            }
            case ADADELTA -> {
                average(a, p.beta2(), g.square());
                Tensor d =
                        b.add(p.epsilon()).sqrt().div(a.add(p.epsilon()).sqrt()).mul(g);
                average(b, p.beta2(), d.square());
                yield d.mul(p.rate());
            }
            case RMSPROP -> {
                average(a, p.beta2(), g.square());
                yield g.mul(p.rate()).div(a.sqrt().add(p.epsilon()));
            }
            case RMSPROP_MOMENTUM -> {
                average(a, p.beta2(), g.square());
                b.assign(b.mul(p.beta1()).add(g.div(a.sqrt().add(p.epsilon()))));
                yield b.mul(p.rate());
            }
            case CENTERED_RMSPROP -> g.mul(p.rate()).div(deviation(p, g, a, b));
            case CENTERED_RMSPROP_MOMENTUM -> {
                c.assign(c.mul(p.beta1()).add(g.div(deviation(p, g, a, b))));
                yield c.mul(p.rate());
            }
            case ADAMAX -> {
                average(a, p.beta1(), g);
                b.assign(b.mul(p.beta2())
                        .apply(BinaryOp.MAXIMUM, g.apply(UnaryOp.ABS).add(p.epsilon())));
                yield a.mul(p.rate()).div(b);
            }
            case NADAM -> {
                moments(p, g, a, b);
                Tensor move = g.mul(p.gradientRate()).add(a.mul(p.rate()));
                yield move.div(root(b, p));
            }
            case RADAM -> {
                moments(p, g, a, b);
                Tensor scaled = a.mul(p.rate());
                yield p.correction() == 0 ? scaled : scaled.div(b.sqrt().add(p.epsilon()));
            }
            case AMSGRAD -> {
                moments(p, g, a, b);
                c.assign(c.apply(BinaryOp.MAXIMUM, b));
                yield a.mul(p.rate()).div(root(c, p));
            }
            case LION -> {
                Tensor move = a.mul(p.beta1()).add(g.mul(1 - p.beta1())).apply(UnaryOp.SIGN);
                average(a, p.beta2(), g);
                yield move.mul(p.rate());
            }
            case LAMB_DIRECTION -> {
                moments(p, slope, a, b);
                c.assign(a.mul(p.rate()).div(root(b, p)).add(theta.mul(p.decay())));
                yield null;
            }
            case AVERAGE -> {
                a.assign(p.rate() == 1 ? theta : a.mul(p.correction()).add(theta.mul(p.rate())));
                yield null;
            }
            case LOOKAHEAD -> {
                if (p.rate() != 0) { // 0 times what is not finite is not 0
                    a.assign(p.rate() == 1 ? theta : a.add(theta.sub(a).mul(p.rate())));
                }
                value.assign(a);
                yield null;
            }
        };
        if (change != null) {
            value.assign((p.shrink() == 1 ? theta : theta.mul(p.shrink())).sub(change));
        }
    }

    private static void average(Tensor state, double share, Tensor of) {
        state.assign(state.mul(share).add(of.mul(1 - share)));
    }

    private static void moments(UpdateStep.Parameters p, Tensor g, Tensor a, Tensor b) {
        average(a, p.beta1(), g);
        average(b, p.beta2(), g.square());
    }

    private static Tensor root(Tensor squares, UpdateStep.Parameters p) {
        return squares.mul(p.correction()).sqrt().add(p.epsilon());
    }

    /** Takes a gradient into the averages of squares and of gradients, and returns the deviation. */
    private static Tensor deviation(UpdateStep.Parameters p, Tensor g, Tensor a, Tensor b) {
        average(a, p.beta2(), g.square());
        average(b, p.beta2(), g);
        return a.sub(b.square()).apply(UnaryOp.MAXIMUM, 0).sqrt().add(p.epsilon());
    }
}
