package org.alborz.tck.golden.generator;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.GradientCollector;

/**
 * PyTorch's own functions, under PyTorch's names.
 *
 * <p>Calls DJL's JNI layer and not its blocks: those round hyper-parameters (epsilon, slope, momentum) to float32.
 */
final class Torch {
    private Torch() {}

    /** Names the versions that make the values. */
    static String versions() {
        return "PyTorch " + engine().getVersion() + " through DJL " + Engine.getDjlVersion();
    }

    /** Lets PyTorch use one thread, so that sums are always taken in the same order. */
    static void useOneThread() {
        engine();
        JniUtils.setNumThreads(1);
    }

    static NDManager newManager() {
        return engine().newBaseManager(Device.cpu());
    }

    /** Starts recording for {@link GradientCollector#backward}. */
    static GradientCollector newGradientCollector() {
        return engine().newGradientCollector();
    }

    /** Computes {@code input · weightᵀ + bias}; the bias may be null. */
    static NDArray linear(NDArray input, NDArray weight, NDArray bias) {
        return JniUtils.linear(pt(input), pt(weight), pt(bias));
    }

    /** Computes the cross-correlation with a filter [O, C / groups, KH, KW]; the bias may be null. */
    static NDArray conv2d(NDArray input, NDArray weight, NDArray bias, Window window) {
        return JniUtils.convolution(
                pt(input),
                pt(weight),
                pt(bias),
                new Shape(window.stride()),
                new Shape(window.padding()),
                new Shape(window.dilation()),
                window.groups());
    }

    static NDArray maxPool2d(NDArray input, int kernel, int stride, int padding) {
        return JniUtils.maxPool(pt(input), square(kernel), square(stride), square(padding), false);
    }

    /** Averages windows, the padding's zeros counted. */
    static NDArray avgPool2d(NDArray input, int kernel, int stride, int padding) {
        return JniUtils.avgPool(pt(input), square(kernel), square(stride), square(padding), false, true);
    }

    static NDArray adaptiveAvgPool2d(NDArray input, int outputSize) {
        return JniUtils.adaptiveAvgPool(pt(input), square(outputSize));
    }

    /** Normalises over axis 1; in training it also moves the running statistics, in place. */
    static NDArray batchNorm(
            NDArray input, BatchNormTensors layer, boolean training, double momentum, double epsilon) {
        return JniUtils.batchNorm(
                pt(input),
                pt(layer.runningMean()),
                pt(layer.runningVar()),
                pt(layer.weight()),
                pt(layer.bias()),
                training,
                momentum,
                epsilon);
    }

    static NDArray relu(NDArray input) {
        return JniUtils.relu(pt(input));
    }

    static NDArray leakyRelu(NDArray input, double negativeSlope) {
        return JniUtils.leakyRelu(pt(input), negativeSlope);
    }

    static NDArray elu(NDArray input, double alpha) {
        return JniUtils.elu(pt(input), alpha);
    }

    static NDArray sigmoid(NDArray input) {
        return JniUtils.sigmoid(pt(input));
    }

    static NDArray tanh(NDArray input) {
        return JniUtils.tanh(pt(input));
    }

    /** Computes the exact form, with the error function. */
    static NDArray gelu(NDArray input) {
        return JniUtils.gelu(pt(input));
    }

    static NDArray softmax(NDArray input, int axis) {
        return JniUtils.softmax(pt(input), axis, input.getDataType());
    }

    static NDArray logSoftmax(NDArray input, int axis) {
        return JniUtils.logSoftmax(pt(input), axis, input.getDataType());
    }

    /** Keeps axis 0 and joins the others. */
    static NDArray flatten(NDArray input) {
        return JniUtils.flatten(pt(input), 1, -1);
    }

    /**
     * Computes the mean of softmax cross-entropy over the batch. DJL does not bind {@code cross_entropy}; this is its
     * documented composition: {@code (1 − ε)·nll + ε/C·Σ_c −log p_c}.
     */
    static NDArray crossEntropy(NDArray logits, NDArray labels, double labelSmoothing) {
        NDArray logProbabilities = logSoftmax(logits, 1);
        NDArray nll = logProbabilities.gather(labels.expandDims(1), 1).mean().neg();
        if (labelSmoothing == 0) {
            return nll;
        }
        long classes = logits.getShape().get(1);
        NDArray smooth = logProbabilities.sum(new int[] {1}).mean().neg();
        return nll.mul(1 - labelSmoothing).add(smooth.mul(labelSmoothing / classes));
    }

    static NDArray mseLoss(NDArray input, NDArray target) {
        return input.sub(target).square().mean();
    }

    private static Engine engine() {
        return Engine.getEngine("PyTorch");
    }

    private static Shape square(int size) {
        return new Shape(size, size);
    }

    private static PtNDArray pt(NDArray array) {
        return (PtNDArray) array;
    }
}
