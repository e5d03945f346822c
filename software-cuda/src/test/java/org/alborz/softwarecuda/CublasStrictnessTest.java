package org.alborz.softwarecuda;

import static jcuda.jcublas.JCublas2.cublasCreate;
import static jcuda.jcublas.JCublas2.cublasDestroy;
import static jcuda.jcublas.JCublas2.cublasGemmEx_new;
import static jcuda.jcublas.JCublas2.cublasGemmStridedBatchedEx_new;
import static jcuda.jcublas.JCublas2.cublasGetStatusName;
import static jcuda.jcublas.JCublas2.cublasGetStatusString;
import static jcuda.jcublas.JCublas2.cublasGetVersion;
import static jcuda.jcublas.JCublas2.cublasSasum;
import static jcuda.jcublas.JCublas2.cublasSetMathMode;
import static jcuda.jcublas.JCublas2.cublasSetWorkspace;
import static jcuda.jcublas.cublasStatus.CUBLAS_STATUS_INVALID_VALUE;
import static jcuda.jcublas.cublasStatus.CUBLAS_STATUS_NOT_INITIALIZED;
import static jcuda.jcublas.cublasStatus.CUBLAS_STATUS_NOT_SUPPORTED;
import static org.assertj.core.api.Assertions.assertThat;

import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;
import jcuda.jcublas.cublasComputeType;
import jcuda.jcublas.cublasHandle;
import org.alborz.softwarecuda.DeviceArray.Type;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Each call is right but for one thing. A is 4×3, B is 3×5, C is 4×5. */
final class CublasStrictnessTest {
    @RegisterExtension
    final MathGpu gpu = new MathGpu();

    private static final int M = 4;
    private static final int N = 5;
    private static final int K = 3;

    private final cublasHandle handle = new cublasHandle();
    private final Pointer one = Pointer.to(new float[] {1});
    private final Pointer zero = Pointer.to(new float[] {0});
    private final CUdeviceptr nothing = new CUdeviceptr();
    private DeviceArray a;
    private DeviceArray b;
    private DeviceArray c;

    @BeforeEach
    void create() {
        assertThat(cublasCreate(handle)).isZero();
        a = DeviceArray.of(Type.FLOAT, new double[M * K]);
        b = DeviceArray.of(Type.FLOAT, new double[K * N]);
        c = DeviceArray.of(Type.FLOAT, new double[M * N]);
    }

    @AfterEach
    void destroy() {
        a.close();
        b.close();
        c.close();
        cublasDestroy(handle);
    }

    private int gemm(int m, int n, int k, Pointer left, int lda, Pointer right, int ldb, Pointer result, int ldc) {
        return gemm(m, n, k, left, 0, lda, right, ldb, result, ldc, cublasComputeType.CUBLAS_COMPUTE_32F);
    }

    private int gemm(
            int m,
            int n,
            int k,
            Pointer left,
            int type,
            int lda,
            Pointer right,
            int ldb,
            Pointer result,
            int ldc,
            int compute) {
        return cublasGemmEx_new(
                handle, 0, 0, m, n, k, one, left, type, lda, right, type, ldb, zero, result, type, ldc, compute, -1);
    }

    @Test
    void acceptsWhatIsRight() {
        assertThat(gemm(M, N, K, a.pointer, M, b.pointer, K, c.pointer, M)).isZero();
        assertThat(gemm(0, N, K, nothing, 1, nothing, K, nothing, 1)).isZero();
    }

    @Test
    void refusesSizesAndLeadingDimensions() {
        assertThat(gemm(-1, N, K, a.pointer, M, b.pointer, K, c.pointer, M)).isEqualTo(CUBLAS_STATUS_INVALID_VALUE);
        assertThat(gemm(M, -1, K, a.pointer, M, b.pointer, K, c.pointer, M)).isEqualTo(CUBLAS_STATUS_INVALID_VALUE);
        assertThat(gemm(M, N, -1, a.pointer, M, b.pointer, K, c.pointer, M)).isEqualTo(CUBLAS_STATUS_INVALID_VALUE);
        assertThat(gemm(M, N, K, a.pointer, M - 1, b.pointer, K, c.pointer, M)).isEqualTo(CUBLAS_STATUS_INVALID_VALUE);
        assertThat(gemm(M, N, K, a.pointer, M, b.pointer, K - 1, c.pointer, M)).isEqualTo(CUBLAS_STATUS_INVALID_VALUE);
        assertThat(gemm(M, N, K, a.pointer, M, b.pointer, K, c.pointer, M - 1)).isEqualTo(CUBLAS_STATUS_INVALID_VALUE);
        assertThat(gemm(0, N, K, a.pointer, 0, b.pointer, K, c.pointer, 1)).isEqualTo(CUBLAS_STATUS_INVALID_VALUE);
    }

    @Test
    void refusesMemoryThatIsNotThere() {
        assertThat(gemm(M, N, K, nothing, M, b.pointer, K, c.pointer, M)).isEqualTo(CUBLAS_STATUS_INVALID_VALUE);
        assertThat(gemm(M, N, K, a.pointer, M + 1, b.pointer, K, c.pointer, M)).isEqualTo(CUBLAS_STATUS_INVALID_VALUE);
        assertThat(gemm(M, N, K, a.pointer, M, b.pointer, K, c.pointer, M + 1)).isEqualTo(CUBLAS_STATUS_INVALID_VALUE);
        assertThat(gemm(M, N, K, a.pointer.withByteOffset(2), M, b.pointer, K, c.pointer, M))
                .isEqualTo(CUBLAS_STATUS_INVALID_VALUE);
        DeviceArray freed = DeviceArray.empty(Type.FLOAT, M * K);
        freed.close();
        assertThat(gemm(M, N, K, freed.pointer, M, b.pointer, K, c.pointer, M)).isEqualTo(CUBLAS_STATUS_INVALID_VALUE);
    }

    @Test
    void refusesAResultOverAnInput() {
        assertThat(gemm(M, K, K, a.pointer, M, b.pointer, K, a.pointer, M)).isEqualTo(CUBLAS_STATUS_INVALID_VALUE);
    }

    @Test
    void refusesABatchWhoseResultsOverlap() {
        assertThat(cublasGemmStridedBatchedEx_new(
                        handle,
                        0,
                        0,
                        2,
                        2,
                        2,
                        one,
                        a.pointer,
                        0,
                        2,
                        4,
                        b.pointer,
                        0,
                        2,
                        4,
                        zero,
                        c.pointer,
                        0,
                        2,
                        3,
                        2,
                        cublasComputeType.CUBLAS_COMPUTE_32F,
                        -1))
                .isEqualTo(CUBLAS_STATUS_INVALID_VALUE);
    }

    @Test
    void refusesHostFactorsThatAreDeviceMemory() {
        assertThat(cublasGemmEx_new(
                        handle,
                        0,
                        0,
                        1,
                        1,
                        1,
                        a.pointer,
                        a.pointer,
                        0,
                        1,
                        b.pointer,
                        0,
                        1,
                        zero,
                        c.pointer,
                        0,
                        1,
                        cublasComputeType.CUBLAS_COMPUTE_32F,
                        -1))
                .isEqualTo(CUBLAS_STATUS_INVALID_VALUE);
    }

    @Test
    void saysWhatItDoesNotSupport() {
        int compute64 = cublasComputeType.CUBLAS_COMPUTE_64F;
        assertThat(gemm(M, N, K, a.pointer, 0, M, b.pointer, K, c.pointer, M, compute64))
                .isEqualTo(CUBLAS_STATUS_NOT_SUPPORTED);
        int compute16 = cublasComputeType.CUBLAS_COMPUTE_16F;
        assertThat(gemm(M, N, K, a.pointer, 14, M, b.pointer, K, c.pointer, M, compute16))
                .isEqualTo(CUBLAS_STATUS_NOT_SUPPORTED);
        assertThat(cublasSasum(handle, 1, a.pointer, 1, Pointer.to(new float[1])))
                .isEqualTo(CUBLAS_STATUS_NOT_SUPPORTED);
    }

    @Test
    void refusesModesAndWorkspaces() {
        assertThat(cublasSetMathMode(handle, 9)).isEqualTo(CUBLAS_STATUS_INVALID_VALUE);
        assertThat(cublasSetWorkspace(handle, a.pointer, M * K * 4)).isZero();
        assertThat(cublasSetWorkspace(handle, a.pointer, 1 << 20)).isEqualTo(CUBLAS_STATUS_INVALID_VALUE);
        assertThat(cublasSetWorkspace(handle, a.pointer.withByteOffset(16), 16)).isEqualTo(CUBLAS_STATUS_INVALID_VALUE);
    }

    @Test
    void refusesADestroyedHandle() {
        assertThat(cublasDestroy(handle)).isZero();
        assertThat(gemm(M, N, K, a.pointer, M, b.pointer, K, c.pointer, M)).isEqualTo(CUBLAS_STATUS_NOT_INITIALIZED);
        assertThat(cublasDestroy(handle)).isEqualTo(CUBLAS_STATUS_NOT_INITIALIZED);
    }

    @Test
    void namesItsStatusCodesAndVersion() {
        assertThat(cublasGetStatusName(CUBLAS_STATUS_INVALID_VALUE)).isEqualTo("CUBLAS_STATUS_INVALID_VALUE");
        assertThat(cublasGetStatusString(CUBLAS_STATUS_NOT_SUPPORTED))
                .isEqualTo("the requested functionality is not supported");
        int[] version = new int[1];
        assertThat(cublasGetVersion(handle, version)).isZero();
        assertThat(version[0]).isBetween(120000, 129999);
    }
}
