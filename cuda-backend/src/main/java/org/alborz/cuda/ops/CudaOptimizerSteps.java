package org.alborz.cuda.ops;

import java.util.Arrays;
import org.alborz.backend.AdamStep;
import org.alborz.backend.Operand;
import org.alborz.backend.ReplayedUpdate;
import org.alborz.backend.SgdStep;
import org.alborz.backend.UpdateStep;

/** Optimizers' steps, each in one launch over all arrays; those of Adam and SGD convert gradients and values of 16 bits as well ({@link DelayedStep}). */
final class CudaOptimizerSteps implements AdamStep, SgdStep, UpdateStep, ReplayedUpdate {
    private static final int PER_BLOCK = 1024;

    private final LaunchContext context;

    CudaOptimizerSteps(LaunchContext context) {
        this.context = context;
    }

    @Override
    public void step(
            AdamStep.Parameters p, Operand value, Operand gradient, Operand firstMoment, Operand secondMoment) {
        step(p, null, value, gradient, firstMoment, secondMoment);
    }

    @Override
    public void step(
            AdamStep.Parameters p,
            Operand numbers,
            Operand value,
            Operand gradient,
            Operand firstMoment,
            Operand secondMoment) {
        Operand theta = DeviceOperand.of(value);
        Operand slope = DeviceOperand.of(gradient);
        Operand means = DeviceOperand.of(firstMoment);
        Operand squares = DeviceOperand.of(secondMoment);
        Operand replayed = DeviceOperand.of(numbers);
        context.steps()
                .put(
                        theta,
                        slope,
                        Arrays.asList(means, squares, replayed),
                        () -> context.kernels()
                                .adam(
                                        theta.dtype(),
                                        p.beta1(),
                                        p.beta2(),
                                        p.rate(),
                                        p.correction(),
                                        p.epsilon(),
                                        p.decay(),
                                        p.shrink(),
                                        replayed,
                                        theta,
                                        slope,
                                        means,
                                        squares,
                                        Operands.elements(theta)),
                        (type, parts, copy) -> context.kernels()
                                .adamParts(
                                        type,
                                        p.beta1(),
                                        p.beta2(),
                                        p.rate(),
                                        p.correction(),
                                        p.epsilon(),
                                        p.decay(),
                                        p.shrink(),
                                        replayed,
                                        theta,
                                        slope,
                                        means,
                                        squares,
                                        parts,
                                        copy));
    }

    @Override
    public void step(SgdStep.Parameters p, Operand value, Operand gradient, Operand velocity) {
        step(p, null, value, gradient, velocity);
    }

    @Override
    public void step(SgdStep.Parameters p, Operand numbers, Operand value, Operand gradient, Operand velocity) {
        Operand theta = DeviceOperand.of(value);
        Operand slope = DeviceOperand.of(gradient);
        Operand speed = DeviceOperand.of(velocity);
        Operand replayed = DeviceOperand.of(numbers);
        context.steps()
                .put(
                        theta,
                        slope,
                        Arrays.asList(speed, replayed),
                        () -> context.kernels()
                                .sgd(
                                        theta.dtype(),
                                        p.learningRate(),
                                        p.momentum(),
                                        p.weightDecay(),
                                        p.nesterov() ? 1 : 0,
                                        replayed,
                                        theta,
                                        slope,
                                        speed,
                                        Operands.elements(theta)),
                        (type, parts, copy) -> context.kernels()
                                .sgdParts(
                                        type,
                                        p.learningRate(),
                                        p.momentum(),
                                        p.weightDecay(),
                                        p.nesterov() ? 1 : 0,
                                        replayed,
                                        theta,
                                        slope,
                                        speed,
                                        parts,
                                        copy));
    }

    @Override
    public void step(
            UpdateStep.Parameters p, Operand value, Operand gradient, Operand first, Operand second, Operand third) {
        step(p, null, value, gradient, first, second, third);
    }

    @Override
    public void step(
            UpdateStep.Parameters p,
            Operand numbers,
            Operand value,
            Operand gradient,
            Operand first,
            Operand second,
            Operand third) {
        long n = Operands.elements(value);
        if (n > 0) {
            context.kernels()
                    .update(
                            value.dtype(),
                            p.rule(),
                            p.rate(),
                            p.gradientRate(),
                            p.beta1(),
                            p.beta2(),
                            p.correction(),
                            p.epsilon(),
                            p.decay(),
                            p.shrink(),
                            numbers,
                            value,
                            gradient,
                            first,
                            second,
                            third,
                            n);
            context.run(n, PER_BLOCK);
        }
    }
}
