package org.alborz.softwarecuda;

import static jcuda.jcudnn.JCudnn.cudnnConvolutionBackwardFilter;
import static jcuda.jcudnn.JCudnn.cudnnFindConvolutionForwardAlgorithmEx;
import static jcuda.jcudnn.JCudnn.cudnnGetConvolutionBackwardDataAlgorithm_v7;
import static jcuda.jcudnn.JCudnn.cudnnGetConvolutionBackwardFilterAlgorithm_v7;
import static jcuda.jcudnn.JCudnn.cudnnGetConvolutionForwardAlgorithmMaxCount;
import static jcuda.jcudnn.JCudnn.cudnnGetConvolutionForwardAlgorithm_v7;
import static jcuda.jcudnn.JCudnn.cudnnGetConvolutionForwardWorkspaceSize;
import static jcuda.jcudnn.JCudnn.cudnnSetConvolutionMathType;
import static jcuda.jcudnn.cudnnConvolutionFwdAlgo.CUDNN_CONVOLUTION_FWD_ALGO_FFT;
import static jcuda.jcudnn.cudnnConvolutionFwdAlgo.CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_GEMM;
import static jcuda.jcudnn.cudnnConvolutionFwdAlgo.CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_PRECOMP_GEMM;
import static org.alborz.softwarecuda.Cudnn.NCHW;
import static org.alborz.softwarecuda.Cudnn.NHWC;
import static org.alborz.softwarecuda.Cudnn.NOT_SUPPORTED;
import static org.alborz.softwarecuda.Cudnn.factor;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import jcuda.jcudnn.cudnnConvolutionBwdDataAlgoPerf;
import jcuda.jcudnn.cudnnConvolutionBwdFilterAlgoPerf;
import jcuda.jcudnn.cudnnConvolutionDescriptor;
import jcuda.jcudnn.cudnnConvolutionFwdAlgoPerf;
import jcuda.jcudnn.cudnnFilterDescriptor;
import jcuda.jcudnn.cudnnMathType;
import jcuda.jcudnn.cudnnTensorDescriptor;
import org.alborz.softwarecuda.DeviceArray.Type;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

final class CudnnAlgorithmTest {
    @RegisterExtension
    final MathGpu gpu = new MathGpu();

    private static final ConvolutionShape SHAPE =
            ConvolutionShape.of(2, 8, 30, 30, 4, 3, 3).pad(1, 1);

    private Cudnn cudnn;

    @BeforeEach
    void create() {
        cudnn = new Cudnn();
    }

    @AfterEach
    void destroy() {
        cudnn.close();
    }

    private cudnnTensorDescriptor x(Type type, int format) {
        return cudnn.tensor(type, format, SHAPE.n(), SHAPE.c(), SHAPE.h(), SHAPE.w());
    }

    private cudnnFilterDescriptor w(Type type, int format) {
        return cudnn.filter(type, format, SHAPE.k(), SHAPE.c(), SHAPE.r(), SHAPE.s());
    }

    private cudnnTensorDescriptor y(Type type, int format) {
        return cudnn.tensor(type, format, SHAPE.n(), SHAPE.k(), SHAPE.p(), SHAPE.q());
    }

    private cudnnConvolutionDescriptor convolution(Type type, int math) {
        cudnnConvolutionDescriptor descriptor = cudnn.convolution(SHAPE, type);
        assertThat(cudnnSetConvolutionMathType(descriptor, math)).isZero();
        return descriptor;
    }

    private List<cudnnConvolutionFwdAlgoPerf> forward(Type type, int format, int math) {
        int[] count = new int[1];
        assertThat(cudnnGetConvolutionForwardAlgorithmMaxCount(cudnn.handle, count))
                .isZero();
        cudnnConvolutionFwdAlgoPerf[] results = new cudnnConvolutionFwdAlgoPerf[count[0]];
        Arrays.setAll(results, i -> new cudnnConvolutionFwdAlgoPerf());
        assertThat(cudnnGetConvolutionForwardAlgorithm_v7(
                        cudnn.handle,
                        x(type, format),
                        w(type, format),
                        convolution(type, math),
                        y(type, format),
                        count[0],
                        count,
                        results))
                .isZero();
        return List.of(results).subList(0, count[0]);
    }

    private static List<Integer> usable(List<cudnnConvolutionFwdAlgoPerf> results) {
        return results.stream()
                .filter(r -> r.status == 0)
                .map(r -> r.algo)
                .distinct()
                .toList();
    }

    @Test
    void channelsLastHasTheImplicitProductsAlone() {
        for (Type type : new Type[] {Type.FLOAT, Type.HALF, Type.BFLOAT16}) {
            assertThat(usable(forward(type, NHWC, cudnnMathType.CUDNN_DEFAULT_MATH)))
                    .containsExactly(
                            CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_PRECOMP_GEMM, CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_GEMM);
        }
        assertThat(usable(forward(Type.DOUBLE, NHWC, cudnnMathType.CUDNN_DEFAULT_MATH)))
                .isEmpty();
        assertThat(usable(forward(Type.DOUBLE, NCHW, cudnnMathType.CUDNN_DEFAULT_MATH)))
                .isNotEmpty();
        assertThat(usable(forward(Type.FLOAT, NCHW, cudnnMathType.CUDNN_DEFAULT_MATH)))
                .hasSizeGreaterThan(2);
    }

    @Test
    void unusableOnesFollowWithTheirStatus() {
        List<cudnnConvolutionFwdAlgoPerf> results = forward(Type.FLOAT, NHWC, cudnnMathType.CUDNN_DEFAULT_MATH);
        int[] statuses = results.stream().mapToInt(r -> r.status).toArray();
        assertThat(statuses).isSorted().contains(0, NOT_SUPPORTED);
        assertThat(results).filteredOn(r -> r.status != 0).allMatch(r -> r.time < 0);
    }

    @Test
    void workspacesAreThoseThatWereAnnounced() {
        for (cudnnConvolutionFwdAlgoPerf result : forward(Type.FLOAT, NHWC, cudnnMathType.CUDNN_FMA_MATH)) {
            long[] bytes = new long[1];
            int status = cudnnGetConvolutionForwardWorkspaceSize(
                    cudnn.handle,
                    x(Type.FLOAT, NHWC),
                    w(Type.FLOAT, NHWC),
                    convolution(Type.FLOAT, 3),
                    y(Type.FLOAT, NHWC),
                    result.algo,
                    bytes);
            assertThat(status).isEqualTo(result.status);
            assertThat(status == 0 ? bytes[0] : 0).isEqualTo(result.memory);
        }
        long[] bytes = new long[1];
        assertThat(cudnnGetConvolutionForwardWorkspaceSize(
                        cudnn.handle,
                        x(Type.FLOAT, NHWC),
                        w(Type.FLOAT, NHWC),
                        convolution(Type.FLOAT, 3),
                        y(Type.FLOAT, NHWC),
                        CUDNN_CONVOLUTION_FWD_ALGO_FFT,
                        bytes))
                .isEqualTo(NOT_SUPPORTED);
    }

    @Test
    void backwardListsTellDeterminism() {
        int[] count = new int[1];
        cudnnConvolutionBwdDataAlgoPerf[] data = new cudnnConvolutionBwdDataAlgoPerf[8];
        Arrays.setAll(data, i -> new cudnnConvolutionBwdDataAlgoPerf());
        assertThat(cudnnGetConvolutionBackwardDataAlgorithm_v7(
                        cudnn.handle,
                        w(Type.FLOAT, NHWC),
                        y(Type.FLOAT, NHWC),
                        convolution(Type.FLOAT, 3),
                        x(Type.FLOAT, NHWC),
                        8,
                        count,
                        data))
                .isZero();
        assertThat(data[0].algo).isEqualTo(1);
        assertThat(data[0].determinism).isOne();
        cudnnConvolutionBwdFilterAlgoPerf[] filter = filterAlgorithms(cudnnMathType.CUDNN_FMA_MATH);
        assertThat(filter[0].algo).isZero();
        assertThat(filter[0].determinism).isZero();
    }

    private cudnnConvolutionBwdFilterAlgoPerf[] filterAlgorithms(int math) {
        int[] count = new int[1];
        cudnnConvolutionBwdFilterAlgoPerf[] results = new cudnnConvolutionBwdFilterAlgoPerf[8];
        Arrays.setAll(results, i -> new cudnnConvolutionBwdFilterAlgoPerf());
        assertThat(cudnnGetConvolutionBackwardFilterAlgorithm_v7(
                        cudnn.handle,
                        x(Type.FLOAT, NHWC),
                        y(Type.FLOAT, NHWC),
                        convolution(Type.FLOAT, math),
                        w(Type.FLOAT, NHWC),
                        8,
                        count,
                        results))
                .isZero();
        return Arrays.copyOf(results, count[0]);
    }

    /** Asked of the filter's gradient, since JCudnn leaves the math type of the other two directions 0. */
    @Test
    void mathTypesAreThoseTheDescriptorAllows() {
        int fma = cudnnMathType.CUDNN_FMA_MATH;
        assertThat(filterAlgorithms(fma))
                .filteredOn(r -> r.status == 0)
                .isNotEmpty()
                .allMatch(r -> r.mathType == fma);
        assertThat(filterAlgorithms(cudnnMathType.CUDNN_DEFAULT_MATH)[0].mathType)
                .isEqualTo(cudnnMathType.CUDNN_TENSOR_OP_MATH);
    }

    @Test
    void trialsOverwriteTheResultAndReportTooSmallAWorkspace() {
        int[] count = new int[1];
        cudnnConvolutionFwdAlgoPerf[] results = new cudnnConvolutionFwdAlgoPerf[8];
        Arrays.setAll(results, i -> new cudnnConvolutionFwdAlgoPerf());
        try (var image = DeviceArray.of(Type.FLOAT, new double[SHAPE.sizeX()]);
                var filter = DeviceArray.of(Type.FLOAT, new double[SHAPE.sizeW()]);
                var result = DeviceArray.empty(Type.FLOAT, SHAPE.sizeY())) {
            assertThat(cudnnFindConvolutionForwardAlgorithmEx(
                            cudnn.handle,
                            x(Type.FLOAT, NHWC),
                            image.pointer,
                            w(Type.FLOAT, NHWC),
                            filter.pointer,
                            convolution(Type.FLOAT, 3),
                            y(Type.FLOAT, NHWC),
                            result.pointer,
                            8,
                            count,
                            results,
                            null,
                            0))
                    .isZero();
            assertThat(results[0].algo).isEqualTo(CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_GEMM);
            assertThat(results[1].algo).isEqualTo(CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_PRECOMP_GEMM);
            assertThat(results[1].status).isNotZero();
            result.assertEquals(new double[SHAPE.sizeY()]);
        }
    }

    @Test
    void onlyDeterministicAlgorithmsGiveTheSameDigitsTwice() {
        Random random = new Random(3);
        double[] image = random.doubles(SHAPE.sizeX()).toArray();
        double[] gradient = random.doubles(SHAPE.sizeY()).toArray();
        try (var x = DeviceArray.of(Type.FLOAT, image);
                var dy = DeviceArray.of(Type.FLOAT, gradient);
                var workspace = DeviceArray.empty(Type.FLOAT, 1 << 16)) {
            assertThat(filterGradient(1, x, dy, workspace)).isEqualTo(filterGradient(1, x, dy, workspace));
            assertThat(filterGradient(0, x, dy, workspace)).isNotEqualTo(filterGradient(0, x, dy, workspace));
        }
    }

    private double[] filterGradient(int algorithm, DeviceArray x, DeviceArray dy, DeviceArray workspace) {
        try (var dw = DeviceArray.empty(Type.FLOAT, SHAPE.sizeW())) {
            assertThat(cudnnConvolutionBackwardFilter(
                            cudnn.handle,
                            factor(Type.FLOAT, 1),
                            x(Type.FLOAT, NHWC),
                            x.pointer,
                            y(Type.FLOAT, NHWC),
                            dy.pointer,
                            convolution(Type.FLOAT, 3),
                            algorithm,
                            workspace.pointer,
                            workspace.length * 4L,
                            factor(Type.FLOAT, 0),
                            w(Type.FLOAT, NHWC),
                            dw.pointer))
                    .isZero();
            return dw.read();
        }
    }
}
