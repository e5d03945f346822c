package org.alborz.softwarecuda;

import static jcuda.driver.JCudaDriver.cuGraphDestroy;
import static jcuda.driver.JCudaDriver.cuGraphExecDestroy;
import static jcuda.driver.JCudaDriver.cuGraphInstantiate;
import static jcuda.driver.JCudaDriver.cuGraphLaunch;
import static jcuda.driver.JCudaDriver.cuMemcpyHtoD;
import static jcuda.driver.JCudaDriver.cuStreamBeginCapture;
import static jcuda.driver.JCudaDriver.cuStreamDestroy;
import static jcuda.driver.JCudaDriver.cuStreamEndCapture;
import static jcuda.driver.JCudaDriver.cuStreamSynchronize;
import static jcuda.jcublas.JCublas2.cublasCreate;
import static jcuda.jcublas.JCublas2.cublasDestroy;
import static jcuda.jcublas.JCublas2.cublasSetStream;
import static jcuda.jcublas.JCublas2.cublasSgemm;
import static jcuda.jcudnn.JCudnn.cudnnConvolutionForward;
import static jcuda.jcudnn.JCudnn.cudnnCreate;
import static jcuda.jcudnn.JCudnn.cudnnFindConvolutionForwardAlgorithm;
import static jcuda.jcudnn.JCudnn.cudnnSetStream;
import static org.alborz.softwarecuda.Cudnn.NHWC;
import static org.assertj.core.api.Assertions.assertThat;

import jcuda.Pointer;
import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;
import jcuda.driver.CUstream;
import jcuda.driver.CUstreamCaptureMode;
import jcuda.jcublas.cublasHandle;
import jcuda.jcublas.cublasStatus;
import jcuda.jcudnn.cudnnConvolutionFwdAlgoPerf;
import jcuda.jcudnn.cudnnHandle;
import jcuda.runtime.cudaStream_t;
import org.alborz.softwarecuda.DeviceArray.Type;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** When the work of cuBLAS and cuDNN runs, and how it fails: y = x · x, and z = 3 · y by a convolution of one pixel. */
final class MathExecutionTest {
    private static final int ALLOC_FAILED = 4003;
    private static final int EXECUTION_FAILED = 5000;

    @RegisterExtension
    final MathGpu gpu = new MathGpu();

    private final cublasHandle cublas = new cublasHandle();
    private Cudnn cudnn;
    private CUstream stream;
    private DeviceArray x;
    private DeviceArray y;
    private DeviceArray w;
    private DeviceArray z;

    @BeforeEach
    void create() {
        cudnn = new Cudnn();
        assertThat(cublasCreate(cublas)).isZero();
        stream = Gpu.stream(1);
        assertThat(cublasSetStream(cublas, new cudaStream_t(stream))).isZero();
        assertThat(cudnnSetStream(cudnn.handle, new cudaStream_t(stream))).isZero();
        x = DeviceArray.of(Type.FLOAT, 2);
        y = DeviceArray.empty(Type.FLOAT, 1);
        w = DeviceArray.of(Type.FLOAT, 3);
        z = DeviceArray.empty(Type.FLOAT, 1);
    }

    @AfterEach
    void destroy() {
        gpu.device().reset();
        for (DeviceArray array : new DeviceArray[] {x, y, w, z}) {
            array.close();
        }
        cuStreamDestroy(stream);
        cublasDestroy(cublas);
        cudnn.close();
    }

    private int square() {
        float[] one = {1};
        float[] zero = {0};
        int status = cublasSgemm(
                cublas, 0, 0, 1, 1, 1, Pointer.to(one), x.pointer, 1, x.pointer, 1, Pointer.to(zero), y.pointer, 1);
        one[0] = Float.NaN; // they were read at the call
        zero[0] = Float.NaN;
        return status;
    }

    private int triple() {
        var tensor = cudnn.tensor(Type.FLOAT, NHWC, 1, 1, 1, 1);
        var filter = cudnn.filter(Type.FLOAT, NHWC, 1, 1, 1, 1);
        var convolution = cudnn.convolution(ConvolutionShape.of(1, 1, 1, 1, 1, 1, 1), Type.FLOAT);
        return cudnnConvolutionForward(
                cudnn.handle,
                Pointer.to(new float[] {1}),
                tensor,
                y.pointer,
                filter,
                w.pointer,
                convolution,
                0,
                null,
                0,
                Pointer.to(new float[] {0}),
                tensor,
                z.pointer);
    }

    private void set(float value) {
        Gpu.ok(cuMemcpyHtoD(x.pointer, Pointer.to(new float[] {value}), 4));
    }

    @Test
    void runsInTheOrderOfTheStreamOnceSomeoneWaits() {
        gpu.device().deferred(true);
        assertThat(square()).isZero();
        assertThat(triple()).isZero();
        assertThat(gpu.device().pending()).isEqualTo(2);
        Gpu.ok(cuStreamSynchronize(stream));
        z.assertEquals(new double[] {12});
    }

    @Test
    void isCapturedAndReplayed() {
        Gpu.ok(cuStreamBeginCapture(stream, CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_GLOBAL));
        assertThat(square()).isZero();
        assertThat(triple()).isZero();
        CUgraph graph = new CUgraph();
        Gpu.ok(cuStreamEndCapture(stream, graph));
        assertThat(z.read()[0]).isNaN();
        CUgraphExec executable = new CUgraphExec();
        Gpu.ok(cuGraphInstantiate(executable, graph, 0));
        for (float value : new float[] {2, 5}) {
            set(value);
            Gpu.ok(cuGraphLaunch(executable, stream));
            Gpu.ok(cuStreamSynchronize(stream));
            z.assertEquals(new double[] {3 * value * value});
        }
        Gpu.ok(cuGraphExecDestroy(executable));
        Gpu.ok(cuGraphDestroy(graph));
    }

    @Test
    void doesNotTryAlgorithmsWhileCapturing() {
        var tensor = cudnn.tensor(Type.FLOAT, NHWC, 1, 1, 1, 1);
        var filter = cudnn.filter(Type.FLOAT, NHWC, 1, 1, 1, 1);
        var convolution = cudnn.convolution(ConvolutionShape.of(1, 1, 1, 1, 1, 1, 1), Type.FLOAT);
        cudnnConvolutionFwdAlgoPerf[] results = {new cudnnConvolutionFwdAlgoPerf()};
        int[] count = new int[1];
        Gpu.ok(cuStreamBeginCapture(stream, CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_RELAXED));
        assertThat(cudnnFindConvolutionForwardAlgorithm(
                        cudnn.handle, tensor, filter, convolution, tensor, 1, count, results))
                .isEqualTo(EXECUTION_FAILED);
        CUgraph graph = new CUgraph();
        Gpu.ok(cuStreamEndCapture(stream, graph));
        Gpu.ok(cuGraphDestroy(graph));
        assertThat(cudnnFindConvolutionForwardAlgorithm(
                        cudnn.handle, tensor, filter, convolution, tensor, 1, count, results))
                .isZero();
    }

    @Test
    void failsWhereAFaultIsInjected() {
        gpu.device().inject("cublasSgemm", 2, cublasStatus.CUBLAS_STATUS_INTERNAL_ERROR);
        assertThat(square()).isZero();
        assertThat(square()).isEqualTo(cublasStatus.CUBLAS_STATUS_INTERNAL_ERROR);
        assertThat(square()).isZero();
        gpu.device().inject("cudnnConvolutionForward", 1, EXECUTION_FAILED);
        assertThat(triple()).isEqualTo(EXECUTION_FAILED);
        assertThat(triple()).isZero();
        gpu.device().inject("cudnnCreate", 1, ALLOC_FAILED);
        assertThat(cudnnCreate(new cudnnHandle())).isEqualTo(ALLOC_FAILED);
        gpu.device().inject("cublasCreate", 1, cublasStatus.CUBLAS_STATUS_ALLOC_FAILED);
        assertThat(cublasCreate(new cublasHandle())).isEqualTo(cublasStatus.CUBLAS_STATUS_ALLOC_FAILED);
    }

    @Test
    void answersForALostDeviceWithItsOwnCodes() {
        gpu.device().lose(999);
        assertThat(square()).isEqualTo(cublasStatus.CUBLAS_STATUS_EXECUTION_FAILED);
        assertThat(triple()).isEqualTo(EXECUTION_FAILED);
        gpu.device().lose(0);
        assertThat(square()).isZero();
    }

    @Test
    void refusesADestroyedStreamAndSaysSo() {
        Gpu.ok(cuStreamDestroy(stream));
        assertThat(square()).isEqualTo(cublasStatus.CUBLAS_STATUS_EXECUTION_FAILED);
        assertThat(triple()).isEqualTo(EXECUTION_FAILED);
        assertThat(gpu.device().message()).contains("cudnnConvolutionForward", "stream");
        stream = Gpu.stream(1);
    }

    @Test
    void saysWhichArgumentIsWrong() {
        assertThat(cublasSgemm(
                        cublas,
                        0,
                        0,
                        2,
                        1,
                        1,
                        Pointer.to(new float[1]),
                        x.pointer,
                        1,
                        x.pointer,
                        1,
                        Pointer.to(new float[1]),
                        y.pointer,
                        2))
                .isEqualTo(cublasStatus.CUBLAS_STATUS_INVALID_VALUE);
        assertThat(gpu.device().message()).isEqualTo("cublasSgemm: lda is 1, A has 2 rows as stored");
    }
}
