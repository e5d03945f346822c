package org.alborz.cuda.dnn;

import static jcuda.jcudnn.JCudnn.cudnnCreateActivationDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnCreateConvolutionDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnCreateFilterDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnCreatePoolingDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnCreateTensorDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnDestroyActivationDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnDestroyConvolutionDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnDestroyFilterDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnDestroyPoolingDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnDestroyTensorDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnSetActivationDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnSetConvolution2dDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnSetConvolutionGroupCount;
import static jcuda.jcudnn.JCudnn.cudnnSetConvolutionMathType;
import static jcuda.jcudnn.JCudnn.cudnnSetFilter4dDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnSetPooling2dDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnSetTensor4dDescriptor;

import jcuda.jcudnn.cudnnActivationDescriptor;
import jcuda.jcudnn.cudnnActivationMode;
import jcuda.jcudnn.cudnnConvolutionDescriptor;
import jcuda.jcudnn.cudnnConvolutionMode;
import jcuda.jcudnn.cudnnDataType;
import jcuda.jcudnn.cudnnFilterDescriptor;
import jcuda.jcudnn.cudnnMathType;
import jcuda.jcudnn.cudnnNanPropagation;
import jcuda.jcudnn.cudnnPoolingDescriptor;
import jcuda.jcudnn.cudnnPoolingMode;
import jcuda.jcudnn.cudnnTensorDescriptor;
import jcuda.jcudnn.cudnnTensorFormat;
import org.alborz.cuda.driver.Resources;
import org.alborz.type.Conv2dParameters;
import org.alborz.type.DType;
import org.alborz.type.Pool2dParameters;
import org.alborz.type.Shape;

/** Makes cuDNN's descriptions of channels-last tensors and of what is done to them; the owner given closes them. */
final class Descriptors {
    private Descriptors() {}

    /** Describes the windows whose largest elements are taken. */
    static cudnnPoolingDescriptor pooling(Resources owner, Pool2dParameters p) {
        cudnnPoolingDescriptor descriptor = new cudnnPoolingDescriptor();
        Dnn.check(cudnnCreatePoolingDescriptor(descriptor), "cudnnCreatePoolingDescriptor");
        owner.add(() -> Dnn.check(cudnnDestroyPoolingDescriptor(descriptor), "cudnnDestroyPoolingDescriptor"));
        Dnn.check(
                cudnnSetPooling2dDescriptor(
                        descriptor,
                        cudnnPoolingMode.CUDNN_POOLING_MAX,
                        cudnnNanPropagation.CUDNN_PROPAGATE_NAN,
                        p.kernelH(),
                        p.kernelW(),
                        p.padding().top(),
                        p.padding().left(),
                        p.strideH(),
                        p.strideW()),
                "cudnnSetPooling2dDescriptor of " + p);
        return descriptor;
    }

    /** Describes images {@code [N, C, H, W]} stored N, H, W, C. */
    static cudnnTensorDescriptor images(Resources owner, DType dtype, Shape shape) {
        cudnnTensorDescriptor descriptor = new cudnnTensorDescriptor();
        Dnn.check(cudnnCreateTensorDescriptor(descriptor), "cudnnCreateTensorDescriptor");
        owner.add(() -> Dnn.check(cudnnDestroyTensorDescriptor(descriptor), "cudnnDestroyTensorDescriptor"));
        Dnn.check(
                cudnnSetTensor4dDescriptor(
                        descriptor,
                        cudnnTensorFormat.CUDNN_TENSOR_NHWC,
                        Dnn.typeOf(dtype),
                        shape.size(0),
                        shape.size(1),
                        shape.size(2),
                        shape.size(3)),
                "cudnnSetTensor4dDescriptor of " + shape);
        return descriptor;
    }

    /** Describes weights {@code [O, C, KH, KW]} stored O, KH, KW, C. */
    static cudnnFilterDescriptor filter(Resources owner, DType dtype, Shape shape) {
        cudnnFilterDescriptor descriptor = new cudnnFilterDescriptor();
        Dnn.check(cudnnCreateFilterDescriptor(descriptor), "cudnnCreateFilterDescriptor");
        owner.add(() -> Dnn.check(cudnnDestroyFilterDescriptor(descriptor), "cudnnDestroyFilterDescriptor"));
        Dnn.check(
                cudnnSetFilter4dDescriptor(
                        descriptor,
                        Dnn.typeOf(dtype),
                        cudnnTensorFormat.CUDNN_TENSOR_NHWC,
                        shape.size(0),
                        shape.size(1),
                        shape.size(2),
                        shape.size(3)),
                "cudnnSetFilter4dDescriptor of " + shape);
        return descriptor;
    }

    /** Describes how a filter moves over the images; sums are kept in float32. */
    static cudnnConvolutionDescriptor convolution(Resources owner, Conv2dParameters p, int mathType) {
        cudnnConvolutionDescriptor descriptor = new cudnnConvolutionDescriptor();
        Dnn.check(cudnnCreateConvolutionDescriptor(descriptor), "cudnnCreateConvolutionDescriptor");
        owner.add(() -> Dnn.check(cudnnDestroyConvolutionDescriptor(descriptor), "cudnnDestroyConvolutionDescriptor"));
        Dnn.check(
                cudnnSetConvolution2dDescriptor(
                        descriptor,
                        p.padding().top(),
                        p.padding().left(),
                        p.strideH(),
                        p.strideW(),
                        p.dilationH(),
                        p.dilationW(),
                        cudnnConvolutionMode.CUDNN_CROSS_CORRELATION,
                        cudnnDataType.CUDNN_DATA_FLOAT),
                "cudnnSetConvolution2dDescriptor of " + p);
        Dnn.check(cudnnSetConvolutionGroupCount(descriptor, p.groups()), "cudnnSetConvolutionGroupCount " + p.groups());
        Dnn.check(cudnnSetConvolutionMathType(descriptor, mathType), "cudnnSetConvolutionMathType " + mathType);
        return descriptor;
    }

    /** Describes a rectifier as a convolution's call takes it, which does not propagate NaN: cuDNN has no other there. */
    static cudnnActivationDescriptor rectifier(Resources owner) {
        cudnnActivationDescriptor descriptor = new cudnnActivationDescriptor();
        Dnn.check(cudnnCreateActivationDescriptor(descriptor), "cudnnCreateActivationDescriptor");
        owner.add(() -> Dnn.check(cudnnDestroyActivationDescriptor(descriptor), "cudnnDestroyActivationDescriptor"));
        Dnn.check(
                cudnnSetActivationDescriptor(
                        descriptor,
                        cudnnActivationMode.CUDNN_ACTIVATION_RELU,
                        cudnnNanPropagation.CUDNN_NOT_PROPAGATE_NAN,
                        0),
                "cudnnSetActivationDescriptor");
        return descriptor;
    }

    /** Returns the arithmetic to ask for: without TF32, float32 must be told so, since cuDNN's default takes it. */
    static int mathType(DType dtype, boolean tf32) {
        if (dtype == DType.FLOAT32) {
            return tf32 ? cudnnMathType.CUDNN_DEFAULT_MATH : cudnnMathType.CUDNN_FMA_MATH;
        }
        return cudnnMathType.CUDNN_TENSOR_OP_MATH;
    }
}
