package org.alborz.ops;

import java.util.List;
import org.alborz.autograd.GradientSink;
import org.alborz.backend.Backend;
import org.alborz.tensor.Tensor;

/**
 * An operation as a value: what it is, without its inputs. {@link Engine} applies it.
 *
 * <p>An operation checks its inputs and declares its results in {@link #infer}, calls the backend in {@link #compute}, names what its
 * gradient reads in {@link #saves}, and computes that in {@link #gradient}. The permitted classes are the engine's operations; users'
 * own implement {@link CustomOp}.
 */
public sealed interface Op
        permits Accumulate,
                AccumulateHits,
                Amax,
                Amin,
                ApplyAdam,
                ApplySgd,
                ApplyUpdate,
                ArgMax,
                ArgMin,
                ArgSort,
                Assign,
                AttentionOp,
                AttentionBackward,
                AvgPool2dOp,
                AvgPool2dBackward,
                BatchNormOp,
                BatchNormBackward,
                BiasBackward,
                Binary,
                Clamp,
                Compare,
                Concat,
                Convert,
                Conv2dOp,
                Conv2dBackwardData,
                Conv2dBackwardFilter,
                CrossEntropy,
                CrossEntropyBackward,
                CtcBackward,
                CtcOp,
                CustomOp,
                DropoutOp,
                Expand,
                BatchNormInference,
                Full,
                Gather,
                GeluBackward,
                GruGates,
                GruGatesBackward,
                LinearOp,
                Logic,
                LstmBackward,
                LstmGates,
                LstmGatesBackward,
                LstmOp,
                MatMulOp,
                MaxPool2dOp,
                MaxPool2dBackward,
                MaxPool2dGather,
                MeanCrossEntropy,
                MeanCrossEntropyBackward,
                MeanOp,
                Narrow,
                OneHot,
                Permute,
                Quantify,
                Random,
                Relu6,
                Reshape,
                RowNorm,
                RowNormBackward,
                RunningStatistics,
                Scan,
                ScatterAdd,
                ScatterAddAlongAxis,
                ScatterAlongAxis,
                SelfAttention,
                SelfAttentionBackward,
                SoftmaxOp,
                Sum,
                TakeAlongAxis,
                Unary,
                Unbind,
                Unscale,
                Where,
                Pad {
    /** Results are numbered from this bit on in what {@link #saves} returns. */
    int FIRST_RESULT = 16;

    /**
     * Checks the inputs, asks for the orders in memory that {@link #compute} takes, and declares the results. It sees types and layouts
     * only, so that it works without memory, and it is a function of them: nothing else may decide what it asks and declares.
     *
     * @throws IllegalArgumentException if an input does not fit
     */
    void infer(Call call);

    /** Computes the results. Has to be overridden unless {@link #infer} declares a {@linkplain Call#view view}, which is not computed. */
    default void compute(Backend backend, Call call) {
        throw new IllegalStateException(name() + " does not say how it is computed; it must override compute");
    }

    /**
     * Returns what the gradient reads, as a sum of {@link #input} and {@link #result}; nothing unless overridden. An input is saved in the
     * order in memory that was asked for, so that the gradient does not copy it again.
     */
    default int saves() {
        return 0;
    }

    /** Tells whether the results depend on an input in a way that has a gradient; true unless overridden. */
    default boolean differentiable(int input) {
        return true;
    }

    /** Returns how many results, from the first, have gradients; 1 unless overridden. An operation of 0 is never recorded. */
    default int gradients() {
        return 1;
    }

    /** Returns the name in messages. */
    default String name() {
        return getClass().getSimpleName();
    }

    /**
     * Gives each needed input its gradient. Has to be overridden unless {@link #gradients} is 0. It is written with other operations, so
     * that it can be differentiated again; one that uses a kernel without a gradient composes the same of others where
     * {@link GradientSink#differentiable} says so.
     *
     * @param dy the gradient of the first result, of its shape, in any layout
     */
    default void gradient(Tensor dy, GradientSink inputs) {
        throw new IllegalStateException(
                name() + " has no gradient; it must override gradient(dy, inputs), or gradients()" + " to return 0");
    }

    /** Returns how many products are added up to compute the results; 0 unless overridden, as for what is no product of matrices. */
    default long multiplyAdds(List<TensorSpec> inputs, List<TensorSpec> results) {
        return 0;
    }

    /** Names an input in what {@link #saves} returns. */
    static int input(int i) {
        return 1 << i;
    }

    /** Names a result in what {@link #saves} returns. */
    static int result(int i) {
        return 1 << FIRST_RESULT + i;
    }
}
