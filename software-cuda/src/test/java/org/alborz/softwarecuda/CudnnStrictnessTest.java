package org.alborz.softwarecuda;

import static jcuda.jcudnn.JCudnn.cudnnConvolutionBiasActivationForward;
import static jcuda.jcudnn.JCudnn.cudnnConvolutionForward;
import static jcuda.jcudnn.JCudnn.cudnnCreate;
import static jcuda.jcudnn.JCudnn.cudnnCreateTensorDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnDestroy;
import static jcuda.jcudnn.JCudnn.cudnnDestroyTensorDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnGetConvolution2dForwardOutputDim;
import static jcuda.jcudnn.JCudnn.cudnnGetErrorString;
import static jcuda.jcudnn.JCudnn.cudnnGetTensor4dDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnGetVersion;
import static jcuda.jcudnn.JCudnn.cudnnPoolingForward;
import static jcuda.jcudnn.JCudnn.cudnnSetConvolution2dDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnSetConvolutionGroupCount;
import static jcuda.jcudnn.JCudnn.cudnnSetConvolutionMathType;
import static jcuda.jcudnn.JCudnn.cudnnSetPooling2dDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnSetTensor4dDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnSetTensor4dDescriptorEx;
import static jcuda.jcudnn.JCudnn.cudnnSoftmaxForward;
import static jcuda.jcudnn.cudnnActivationMode.CUDNN_ACTIVATION_IDENTITY;
import static jcuda.jcudnn.cudnnActivationMode.CUDNN_ACTIVATION_RELU;
import static jcuda.jcudnn.cudnnActivationMode.CUDNN_ACTIVATION_TANH;
import static org.alborz.softwarecuda.Cudnn.BAD_PARAM;
import static org.alborz.softwarecuda.Cudnn.NCHW;
import static org.alborz.softwarecuda.Cudnn.NHWC;
import static org.alborz.softwarecuda.Cudnn.NOT_SUPPORTED;
import static org.alborz.softwarecuda.Cudnn.factor;
import static org.assertj.core.api.Assertions.assertThat;

import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;
import jcuda.jcudnn.cudnnActivationDescriptor;
import jcuda.jcudnn.cudnnConvolutionDescriptor;
import jcuda.jcudnn.cudnnFilterDescriptor;
import jcuda.jcudnn.cudnnTensorDescriptor;
import org.alborz.softwarecuda.DeviceArray.Type;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Each call is right but for one thing. */
final class CudnnStrictnessTest {
    @RegisterExtension
    final MathGpu gpu = new MathGpu();

    private static final ConvolutionShape SHAPE =
            ConvolutionShape.of(2, 4, 6, 5, 3, 3, 3).pad(1, 1);
    private static final int IMPLICIT_GEMM = 0;
    private static final int PRECOMP_GEMM = 1;

    private Cudnn cudnn;
    private DeviceArray x;
    private DeviceArray w;
    private DeviceArray y;
    private DeviceArray bias;
    private DeviceArray workspace;
    private cudnnTensorDescriptor xd;
    private cudnnTensorDescriptor yd;
    private cudnnTensorDescriptor bd;
    private cudnnFilterDescriptor wd;
    private cudnnConvolutionDescriptor conv;

    @BeforeEach
    void create() {
        cudnn = new Cudnn();
        x = DeviceArray.of(Type.FLOAT, new double[SHAPE.sizeX()]);
        w = DeviceArray.of(Type.FLOAT, new double[SHAPE.sizeW()]);
        y = DeviceArray.of(Type.FLOAT, new double[SHAPE.sizeY()]);
        bias = DeviceArray.of(Type.FLOAT, new double[3]);
        workspace = DeviceArray.empty(Type.FLOAT, 1 << 12);
        xd = cudnn.tensor(Type.FLOAT, NHWC, 2, 4, 6, 5);
        yd = cudnn.tensor(Type.FLOAT, NHWC, 2, 3, 6, 5);
        bd = cudnn.tensor(Type.FLOAT, NHWC, 1, 3, 1, 1);
        wd = cudnn.filter(Type.FLOAT, NHWC, 3, 4, 3, 3);
        conv = cudnn.convolution(SHAPE, Type.FLOAT);
    }

    @AfterEach
    void destroy() {
        for (DeviceArray array : new DeviceArray[] {x, w, y, bias, workspace}) {
            array.close();
        }
        cudnn.close();
    }

    private int forward() {
        return forward(IMPLICIT_GEMM, workspace.pointer, 0, x.pointer, y.pointer);
    }

    private int forward(int algorithm, Pointer space, long bytes, Pointer image, Pointer result) {
        return cudnnConvolutionForward(
                cudnn.handle,
                factor(Type.FLOAT, 1),
                xd,
                image,
                wd,
                w.pointer,
                conv,
                algorithm,
                space,
                bytes,
                factor(Type.FLOAT, 0),
                yd,
                result);
    }

    private int biasActivation(int algorithm, cudnnActivationDescriptor activation) {
        return cudnnConvolutionBiasActivationForward(
                cudnn.handle,
                factor(Type.FLOAT, 1),
                xd,
                x.pointer,
                wd,
                w.pointer,
                conv,
                algorithm,
                workspace.pointer,
                workspace.length * 4L,
                factor(Type.FLOAT, 0),
                yd,
                y.pointer,
                bd,
                bias.pointer,
                activation,
                yd,
                y.pointer);
    }

    @Test
    void acceptsWhatIsRight() {
        assertThat(forward()).isZero();
        assertThat(biasActivation(IMPLICIT_GEMM, cudnn.activation(CUDNN_ACTIVATION_RELU, 0)))
                .isZero();
        assertThat(biasActivation(PRECOMP_GEMM, cudnn.activation(CUDNN_ACTIVATION_IDENTITY, 0)))
                .isZero();
    }

    @Test
    void refusesDescriptorsThatDoNotFitTogether() {
        yd = cudnn.tensor(Type.FLOAT, NHWC, 2, 3, 6, 4);
        assertThat(forward()).isEqualTo(BAD_PARAM);
        yd = cudnn.tensor(Type.FLOAT, NHWC, 2, 3, 6, 5);
        wd = cudnn.filter(Type.FLOAT, NHWC, 3, 5, 3, 3);
        assertThat(forward()).isEqualTo(BAD_PARAM);
        wd = cudnn.filter(Type.HALF, NHWC, 3, 4, 3, 3);
        assertThat(forward()).isEqualTo(BAD_PARAM);
        wd = cudnn.filter(Type.FLOAT, NHWC, 3, 4, 3, 3);
        assertThat(cudnnSetConvolutionGroupCount(conv, 2)).isZero();
        assertThat(forward()).isEqualTo(BAD_PARAM);
    }

    @Test
    void refusesLayoutsThatFiltersInNhwcDoNotTake() {
        xd = cudnn.tensor(Type.FLOAT, NCHW, 2, 4, 6, 5);
        assertThat(forward()).isEqualTo(NOT_SUPPORTED);
        xd = cudnn.tensor(Type.FLOAT, NHWC, 2, 4, 6, 5);
        conv = cudnn.convolution(SHAPE.flip(), Type.FLOAT);
        assertThat(forward()).isEqualTo(NOT_SUPPORTED);
    }

    @Test
    void refusesAlgorithmsThatHaveNoKernelForThis() {
        int winograd = 6;
        int none = 8;
        assertThat(forward(winograd, workspace.pointer, workspace.length * 4L, x.pointer, y.pointer))
                .isEqualTo(NOT_SUPPORTED);
        assertThat(forward(none, workspace.pointer, workspace.length * 4L, x.pointer, y.pointer))
                .isEqualTo(BAD_PARAM);
    }

    @Test
    void refusesTooSmallAWorkspace() {
        assertThat(forward(PRECOMP_GEMM, workspace.pointer, 8, x.pointer, y.pointer))
                .isEqualTo(BAD_PARAM);
        assertThat(forward(PRECOMP_GEMM, null, workspace.length * 4L, x.pointer, y.pointer))
                .isEqualTo(BAD_PARAM);
        assertThat(forward(PRECOMP_GEMM, bias.pointer, workspace.length * 4L, x.pointer, y.pointer))
                .isEqualTo(BAD_PARAM);
        assertThat(forward(PRECOMP_GEMM, workspace.pointer, workspace.length * 4L, x.pointer, y.pointer))
                .isZero();
    }

    @Test
    void refusesAWorkspaceOverAnOperand() {
        assertThat(forward(PRECOMP_GEMM, x.pointer, x.length * 4L, x.pointer, y.pointer))
                .isEqualTo(BAD_PARAM);
        assertThat(forward(PRECOMP_GEMM, y.pointer, y.length * 4L, x.pointer, y.pointer))
                .isEqualTo(BAD_PARAM);
    }

    @Test
    void refusesFactorsInDeviceMemory() {
        assertThat(cudnnConvolutionForward(
                        cudnn.handle,
                        bias.pointer,
                        xd,
                        x.pointer,
                        wd,
                        w.pointer,
                        conv,
                        IMPLICIT_GEMM,
                        null,
                        0,
                        factor(Type.FLOAT, 0),
                        yd,
                        y.pointer))
                .isEqualTo(BAD_PARAM);
    }

    @Test
    void refusesMemoryThatIsNotThere() {
        assertThat(forward(IMPLICIT_GEMM, null, 0, new CUdeviceptr(), y.pointer))
                .isEqualTo(BAD_PARAM);
        assertThat(forward(IMPLICIT_GEMM, null, 0, Pointer.to(new float[SHAPE.sizeX()]), y.pointer))
                .isEqualTo(BAD_PARAM);
        assertThat(forward(IMPLICIT_GEMM, null, 0, x.pointer.withByteOffset(4), y.pointer))
                .isEqualTo(BAD_PARAM);
        assertThat(forward(IMPLICIT_GEMM, null, 0, x.pointer, bias.pointer)).isEqualTo(BAD_PARAM);
        assertThat(forward(IMPLICIT_GEMM, null, 0, x.pointer, x.pointer)).isEqualTo(BAD_PARAM);
    }

    @Test
    void refusesActivationsItHasNoKernelFor() {
        assertThat(biasActivation(IMPLICIT_GEMM, cudnn.activation(CUDNN_ACTIVATION_IDENTITY, 0)))
                .isEqualTo(NOT_SUPPORTED);
        assertThat(biasActivation(PRECOMP_GEMM, cudnn.activation(CUDNN_ACTIVATION_TANH, 0)))
                .isEqualTo(NOT_SUPPORTED);
        assertThat(biasActivation(PRECOMP_GEMM, cudnn.activation(CUDNN_ACTIVATION_RELU, 1)))
                .isEqualTo(NOT_SUPPORTED);
        bd = cudnn.tensor(Type.FLOAT, NHWC, 1, 4, 1, 1);
        assertThat(biasActivation(PRECOMP_GEMM, cudnn.activation(CUDNN_ACTIVATION_RELU, 0)))
                .isEqualTo(BAD_PARAM);
    }

    @Test
    void refusesDescriptorsThatAreDestroyedOrNeverSet() {
        assertThat(cudnnDestroyTensorDescriptor(xd)).isZero();
        assertThat(forward()).isEqualTo(BAD_PARAM);
        assertThat(cudnnDestroyTensorDescriptor(xd)).isEqualTo(BAD_PARAM);
        xd = new cudnnTensorDescriptor();
        assertThat(cudnnCreateTensorDescriptor(xd)).isZero();
        assertThat(forward()).isEqualTo(BAD_PARAM);
        assertThat(cudnnSetTensor4dDescriptor(xd, NHWC, 0, 2, 4, 6, 5)).isZero();
        assertThat(forward()).isZero();
    }

    @Test
    void refusesDescriptionsThatMakeNoSense() {
        assertThat(cudnnSetTensor4dDescriptor(xd, NHWC, 0, 2, 0, 6, 5)).isEqualTo(BAD_PARAM);
        assertThat(cudnnSetTensor4dDescriptor(xd, 7, 0, 2, 4, 6, 5)).isEqualTo(BAD_PARAM);
        assertThat(cudnnSetTensor4dDescriptor(xd, NHWC, 3, 2, 4, 6, 5)).isEqualTo(NOT_SUPPORTED);
        assertThat(cudnnSetTensor4dDescriptor(xd, NHWC, 0, 1 << 16, 1 << 8, 1 << 4, 1 << 4))
                .isEqualTo(NOT_SUPPORTED);
        assertThat(cudnnSetTensor4dDescriptorEx(xd, 0, 2, 4, 6, 5, 120, 1, 20, 0))
                .isEqualTo(BAD_PARAM);
        assertThat(cudnnSetConvolution2dDescriptor(conv, -1, 0, 1, 1, 1, 1, 1, 0))
                .isEqualTo(BAD_PARAM);
        assertThat(cudnnSetConvolution2dDescriptor(conv, 0, 0, 0, 1, 1, 1, 1, 0))
                .isEqualTo(BAD_PARAM);
        assertThat(cudnnSetConvolution2dDescriptor(conv, 0, 0, 1, 1, 0, 1, 1, 0))
                .isEqualTo(BAD_PARAM);
        assertThat(cudnnSetConvolutionGroupCount(conv, 0)).isEqualTo(BAD_PARAM);
        assertThat(cudnnSetConvolutionMathType(conv, 4)).isEqualTo(BAD_PARAM);
        var pooling = cudnn.pooling(new PoolingShape(1, 1, 2, 2, 2, 2, 0, 0, 2, 2), 0, 0);
        assertThat(cudnnSetPooling2dDescriptor(pooling, 0, 0, 2, 0, 0, 0, 1, 1)).isEqualTo(BAD_PARAM);
        assertThat(cudnnSetPooling2dDescriptor(pooling, 4, 0, 2, 2, 0, 0, 1, 1)).isEqualTo(BAD_PARAM);
    }

    @Test
    void aDescriptorChangedLaterDoesNotLoseItsGroups() {
        assertThat(cudnnSetConvolutionGroupCount(conv, 4)).isZero();
        assertThat(cudnnSetConvolution2dDescriptor(conv, 0, 0, 1, 1, 1, 1, 1, 0))
                .isZero();
        wd = cudnn.filter(Type.FLOAT, NHWC, 8, 1, 3, 3);
        int[][] sizes = new int[4][1];
        assertThat(cudnnGetConvolution2dForwardOutputDim(conv, xd, wd, sizes[0], sizes[1], sizes[2], sizes[3]))
                .isZero();
        assertThat(new int[] {sizes[0][0], sizes[1][0], sizes[2][0], sizes[3][0]})
                .containsExactly(2, 8, 4, 3);
    }

    @Test
    void refusesPoolingIntoTheWrongShape() {
        var pooling = cudnn.pooling(new PoolingShape(2, 4, 6, 5, 2, 2, 0, 0, 2, 2), 0, 0);
        var wrong = cudnn.tensor(Type.FLOAT, NHWC, 2, 4, 3, 3);
        assertThat(cudnnPoolingForward(
                        cudnn.handle,
                        pooling,
                        factor(Type.FLOAT, 1),
                        xd,
                        x.pointer,
                        factor(Type.FLOAT, 0),
                        wrong,
                        y.pointer))
                .isEqualTo(BAD_PARAM);
    }

    @Test
    void tellsTheStridesOfAFormat() {
        int[][] v = new int[9][1];
        assertThat(cudnnGetTensor4dDescriptor(xd, v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8]))
                .isZero();
        assertThat(new int[] {v[5][0], v[6][0], v[7][0], v[8][0]}).containsExactly(120, 1, 20, 4);
    }

    @Test
    void refusesADestroyedHandle() {
        var other = new jcuda.jcudnn.cudnnHandle();
        assertThat(cudnnCreate(other)).isZero();
        assertThat(cudnnDestroy(other)).isZero();
        assertThat(cudnnDestroy(other)).isEqualTo(BAD_PARAM);
    }

    @Test
    void namesItsStatusCodesAndVersion() {
        assertThat(cudnnGetErrorString(BAD_PARAM)).isEqualTo("CUDNN_STATUS_BAD_PARAM");
        assertThat(cudnnGetErrorString(NOT_SUPPORTED)).isEqualTo("CUDNN_STATUS_NOT_SUPPORTED");
        assertThat(cudnnGetVersion()).isBetween(90000L, 99999L);
    }

    @Test
    void saysWhatItDoesNotHave() {
        assertThat(cudnnSoftmaxForward(
                        cudnn.handle, 1, 1, factor(Type.FLOAT, 1), xd, x.pointer, factor(Type.FLOAT, 0), xd, x.pointer))
                .isEqualTo(NOT_SUPPORTED);
    }
}
