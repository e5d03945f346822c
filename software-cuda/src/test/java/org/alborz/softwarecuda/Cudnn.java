package org.alborz.softwarecuda;

import static jcuda.jcudnn.JCudnn.cudnnCreate;
import static jcuda.jcudnn.JCudnn.cudnnCreateActivationDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnCreateConvolutionDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnCreateFilterDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnCreatePoolingDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnCreateTensorDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnDestroy;
import static jcuda.jcudnn.JCudnn.cudnnSetActivationDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnSetConvolution2dDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnSetConvolutionGroupCount;
import static jcuda.jcudnn.JCudnn.cudnnSetConvolutionMathType;
import static jcuda.jcudnn.JCudnn.cudnnSetFilter4dDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnSetPooling2dDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnSetTensor4dDescriptor;
import static org.assertj.core.api.Assertions.assertThat;

import jcuda.Pointer;
import jcuda.jcudnn.cudnnActivationDescriptor;
import jcuda.jcudnn.cudnnConvolutionDescriptor;
import jcuda.jcudnn.cudnnConvolutionMode;
import jcuda.jcudnn.cudnnFilterDescriptor;
import jcuda.jcudnn.cudnnHandle;
import jcuda.jcudnn.cudnnMathType;
import jcuda.jcudnn.cudnnPoolingDescriptor;
import jcuda.jcudnn.cudnnTensorDescriptor;
import org.alborz.softwarecuda.DeviceArray.Type;

/** A handle, and descriptors made in one call. */
final class Cudnn implements AutoCloseable {
    static final int NCHW = 0;
    static final int NHWC = 1;
    static final int BAD_PARAM = 2000;
    static final int NOT_SUPPORTED = 3000;

    final cudnnHandle handle = new cudnnHandle();

    Cudnn() {
        assertThat(cudnnCreate(handle)).isZero();
    }

    static Pointer factor(Type type, double value) {
        return type == Type.DOUBLE ? Pointer.to(new double[] {value}) : Pointer.to(new float[] {(float) value});
    }

    cudnnTensorDescriptor tensor(Type type, int format, int n, int c, int h, int w) {
        cudnnTensorDescriptor descriptor = new cudnnTensorDescriptor();
        assertThat(cudnnCreateTensorDescriptor(descriptor)).isZero();
        assertThat(cudnnSetTensor4dDescriptor(descriptor, format, type.cudnn, n, c, h, w))
                .isZero();
        return descriptor;
    }

    cudnnFilterDescriptor filter(Type type, int format, int k, int c, int h, int w) {
        cudnnFilterDescriptor descriptor = new cudnnFilterDescriptor();
        assertThat(cudnnCreateFilterDescriptor(descriptor)).isZero();
        assertThat(cudnnSetFilter4dDescriptor(descriptor, type.cudnn, format, k, c, h, w))
                .isZero();
        return descriptor;
    }

    /** Makes a cross-correlation that computes in float (double for double), without TF32. */
    cudnnConvolutionDescriptor convolution(ConvolutionShape s, Type type) {
        cudnnConvolutionDescriptor descriptor = new cudnnConvolutionDescriptor();
        assertThat(cudnnCreateConvolutionDescriptor(descriptor)).isZero();
        assertThat(cudnnSetConvolution2dDescriptor(
                        descriptor,
                        s.padH(),
                        s.padW(),
                        s.strideH(),
                        s.strideW(),
                        s.dilationH(),
                        s.dilationW(),
                        s.flipped()
                                ? cudnnConvolutionMode.CUDNN_CONVOLUTION
                                : cudnnConvolutionMode.CUDNN_CROSS_CORRELATION,
                        type == Type.DOUBLE ? 1 : 0))
                .isZero();
        assertThat(cudnnSetConvolutionGroupCount(descriptor, s.groups())).isZero();
        assertThat(cudnnSetConvolutionMathType(descriptor, cudnnMathType.CUDNN_FMA_MATH))
                .isZero();
        return descriptor;
    }

    cudnnPoolingDescriptor pooling(PoolingShape s, int mode, int nan) {
        cudnnPoolingDescriptor descriptor = new cudnnPoolingDescriptor();
        assertThat(cudnnCreatePoolingDescriptor(descriptor)).isZero();
        assertThat(cudnnSetPooling2dDescriptor(
                        descriptor, mode, nan, s.windowH(), s.windowW(), s.padH(), s.padW(), s.strideH(), s.strideW()))
                .isZero();
        return descriptor;
    }

    cudnnActivationDescriptor activation(int mode, int nan) {
        cudnnActivationDescriptor descriptor = new cudnnActivationDescriptor();
        assertThat(cudnnCreateActivationDescriptor(descriptor)).isZero();
        assertThat(cudnnSetActivationDescriptor(descriptor, mode, nan, 0)).isZero();
        return descriptor;
    }

    @Override
    public void close() {
        cudnnDestroy(handle);
    }
}
