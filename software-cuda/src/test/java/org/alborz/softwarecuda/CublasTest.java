package org.alborz.softwarecuda;

import static jcuda.jcublas.JCublas2.cublasCreate;
import static jcuda.jcublas.JCublas2.cublasDestroy;
import static jcuda.jcublas.JCublas2.cublasGemmEx_new;
import static jcuda.jcublas.JCublas2.cublasGemmStridedBatchedEx_new;
import static jcuda.jcublas.JCublas2.cublasSetMathMode;
import static jcuda.jcublas.JCublas2.cublasSetPointerMode;
import static jcuda.jcublas.JCublas2.cublasSgeam;
import static jcuda.jcublas.JCublas2.cublasSgemm;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;
import jcuda.jcublas.cublasComputeType;
import jcuda.jcublas.cublasHandle;
import jcuda.jcublas.cublasMath;
import jcuda.jcublas.cublasPointerMode;
import org.alborz.softwarecuda.DeviceArray.Type;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class CublasTest {
    @RegisterExtension
    final MathGpu gpu = new MathGpu();

    private static final int DEFAULT_ALGORITHM = -1;

    private final cublasHandle handle = new cublasHandle();
    private final Random random = new Random(7);

    @BeforeEach
    void create() {
        assertThat(cublasCreate(handle)).isZero();
    }

    @AfterEach
    void destroy() {
        assertThat(cublasDestroy(handle)).isZero();
    }

    /** A batch of products, column-major; a stride of 0 repeats the one matrix. */
    private record Gemm(
            boolean ta, boolean tb, int m, int n, int k, int lda, int ldb, int ldc, int batch, int strideA) {
        int sizeA() {
            return lda * (ta ? m : k);
        }

        int sizeB() {
            return ldb * (tb ? k : n);
        }

        int sizeC() {
            return ldc * n;
        }

        double[] multiply(double alpha, double[] a, double[] b, double beta, double[] c) {
            double[] result = c.clone();
            for (int s = 0; s < batch; s++) {
                for (int i = 0; i < m; i++) {
                    for (int j = 0; j < n; j++) {
                        double sum = 0;
                        for (int p = 0; p < k; p++) {
                            sum += a[s * strideA + (ta ? p + i * lda : i + p * lda)]
                                    * b[s * sizeB() + (tb ? j + p * ldb : p + j * ldb)];
                        }
                        int at = s * sizeC() + i + j * ldc;
                        result[at] = alpha * sum + (beta == 0 ? 0 : beta * c[at]);
                    }
                }
            }
            return result;
        }
    }

    private static Pointer scalar(Type type, double value) {
        return type == Type.DOUBLE ? Pointer.to(new double[] {value}) : Pointer.to(new float[] {(float) value});
    }

    private void check(Gemm g, Type in, Type out, double alpha, double beta) {
        double[] a = DeviceArray.random(random, g.batch == 1 || g.strideA == 0 ? g.sizeA() : g.batch * g.sizeA());
        double[] b = DeviceArray.random(random, g.batch * g.sizeB());
        double[] c = DeviceArray.random(random, g.batch * g.sizeC());
        if (beta == 0) { // must not be read
            for (int i = 0; i < c.length; i++) {
                c[i] = i % g.ldc < g.m ? Double.NaN : c[i];
            }
        }
        int compute = in == Type.DOUBLE ? cublasComputeType.CUBLAS_COMPUTE_64F : cublasComputeType.CUBLAS_COMPUTE_32F;
        try (var left = DeviceArray.of(in, a);
                var right = DeviceArray.of(in, b);
                var result = DeviceArray.of(out, c)) {
            Pointer al = scalar(in, alpha);
            Pointer be = scalar(in, beta);
            int opA = g.ta ? 1 : 0;
            int opB = g.tb ? 1 : 0;
            int status = g.batch == 1
                    ? cublasGemmEx_new(
                            handle,
                            opA,
                            opB,
                            g.m,
                            g.n,
                            g.k,
                            al,
                            left.pointer,
                            in.cublas,
                            g.lda,
                            right.pointer,
                            in.cublas,
                            g.ldb,
                            be,
                            result.pointer,
                            out.cublas,
                            g.ldc,
                            compute,
                            DEFAULT_ALGORITHM)
                    : cublasGemmStridedBatchedEx_new(
                            handle,
                            opA,
                            opB,
                            g.m,
                            g.n,
                            g.k,
                            al,
                            left.pointer,
                            in.cublas,
                            g.lda,
                            g.strideA,
                            right.pointer,
                            in.cublas,
                            g.ldb,
                            g.sizeB(),
                            be,
                            result.pointer,
                            out.cublas,
                            g.ldc,
                            g.sizeC(),
                            g.batch,
                            compute,
                            DEFAULT_ALGORITHM);
            assertThat(status).isZero();
            result.assertEquals(g.multiply(alpha, a, b, beta, c));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "false, false, 1, 1, 1", "true, false, 5, 7, 3", "false, true, 13, 33, 70", "true, true, 31, 65, 17",
        "false, false, 300, 10, 513", "true, false, 12, 300, 256", "false, true, 37, 290, 300", "false, false, 6, 4, 0",
        "false, true, 260, 260, 20"
    })
    void multipliesMatricesOfAwkwardSizes(boolean ta, boolean tb, int m, int n, int k) {
        int rowsA = ta ? k : m;
        int rowsB = tb ? n : k;
        for (Type type : Type.values()) {
            check(new Gemm(ta, tb, m, n, k, rowsA + 2, rowsB + 1, m + 3, 1, 0), type, type, 1, 0);
            check(new Gemm(ta, tb, m, n, k, rowsA + 2, rowsB + 1, m, 1, 0), type, type, -0.5, 2);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"HALF", "BFLOAT16"})
    void storesFloatsFromHalves(Type type) {
        check(new Gemm(false, true, 9, 20, 11, 9, 20, 9, 1, 0), type, Type.FLOAT, 1, 1);
    }

    @ParameterizedTest
    @EnumSource
    void multipliesBatchesOfWhichOneSideMayBeTheSameMatrix(Type type) {
        check(new Gemm(false, false, 5, 6, 7, 5, 7, 5, 4, 0), type, type, 1, 0);
        check(new Gemm(true, false, 5, 6, 7, 7, 7, 5, 4, 5 * 7), type, type, 2, 1);
    }

    @Test
    void losesLittleInLongSums() {
        int n = 24;
        int k = 9 * 512;
        Gemm g = new Gemm(true, false, n, n, k, k, k, n, 1, 0);
        double[] a = random.doubles(n * k, -1, 1).map(x -> (float) x).toArray();
        double[] b = random.doubles(n * k, 0, 1).map(x -> (float) x).toArray();
        try (var left = DeviceArray.of(Type.FLOAT, a);
                var right = DeviceArray.of(Type.FLOAT, b);
                var result = DeviceArray.empty(Type.FLOAT, n * n)) {
            Pointer one = scalar(Type.FLOAT, 1);
            Pointer zero = scalar(Type.FLOAT, 0);
            assertThat(cublasSgemm(
                            handle, 1, 0, n, n, k, one, left.pointer, k, right.pointer, k, zero, result.pointer, n))
                    .isZero();
            result.assertEquals(g.multiply(1, a, b, 0, new double[n * n]));
        }
    }

    @Test
    void roundsToTf32WhereAskedTo() {
        double fine = 1 + 0x1p-12;
        assertThat(square(fine, cublasComputeType.CUBLAS_COMPUTE_32F)).isEqualTo((float) (fine * fine));
        assertThat(square(fine, cublasComputeType.CUBLAS_COMPUTE_32F_FAST_TF32)).isEqualTo(1);
        assertThat(square(1 + 0x1p-10, cublasComputeType.CUBLAS_COMPUTE_32F_FAST_TF32))
                .isEqualTo((float) ((1 + 0x1p-10) * (1 + 0x1p-10)));
        assertThat(cublasSetMathMode(handle, cublasMath.CUBLAS_TF32_TENSOR_OP_MATH))
                .isZero();
        assertThat(square(fine, cublasComputeType.CUBLAS_COMPUTE_32F)).isEqualTo(1);
        assertThat(square(fine, cublasComputeType.CUBLAS_COMPUTE_32F_PEDANTIC)).isEqualTo((float) (fine * fine));
    }

    private double square(double value, int compute) {
        try (var in = DeviceArray.of(Type.FLOAT, value);
                var out = DeviceArray.empty(Type.FLOAT, 1)) {
            assertThat(cublasGemmEx_new(
                            handle,
                            0,
                            0,
                            1,
                            1,
                            1,
                            scalar(Type.FLOAT, 1),
                            in.pointer,
                            0,
                            1,
                            in.pointer,
                            0,
                            1,
                            scalar(Type.FLOAT, 0),
                            out.pointer,
                            0,
                            1,
                            compute,
                            DEFAULT_ALGORITHM))
                    .isZero();
            return out.read()[0];
        }
    }

    @Test
    void readsFactorsFromDeviceMemoryInThatMode() {
        try (var x = DeviceArray.of(Type.FLOAT, 3);
                var alpha = DeviceArray.of(Type.FLOAT, 2);
                var beta = DeviceArray.of(Type.FLOAT, 0);
                var y = DeviceArray.empty(Type.FLOAT, 1)) {
            assertThat(cublasSetPointerMode(handle, cublasPointerMode.CUBLAS_POINTER_MODE_DEVICE))
                    .isZero();
            assertThat(cublasSgemm(
                            handle,
                            0,
                            0,
                            1,
                            1,
                            1,
                            alpha.pointer,
                            x.pointer,
                            1,
                            x.pointer,
                            1,
                            beta.pointer,
                            y.pointer,
                            1))
                    .isZero();
            y.assertEquals(new double[] {18});
        }
    }

    @Test
    void addsAndTransposes() {
        try (var a = DeviceArray.of(Type.FLOAT, 1, 2, 3, 4, 5, 6); // 2×3, its transpose 3×2
                var b = DeviceArray.of(Type.FLOAT, 10, 20, 30, 40, 50, 60);
                var c = DeviceArray.empty(Type.FLOAT, 6)) {
            Pointer one = scalar(Type.FLOAT, 1);
            assertThat(cublasSgeam(handle, 1, 0, 3, 2, one, a.pointer, 2, one, b.pointer, 3, c.pointer, 3))
                    .isZero();
            c.assertEquals(new double[] {11, 23, 35, 42, 54, 66});
            Pointer zero = scalar(Type.FLOAT, 0);
            assertThat(cublasSgeam(handle, 1, 0, 3, 2, one, a.pointer, 2, zero, new CUdeviceptr(), 3, c.pointer, 3))
                    .isZero();
            c.assertEquals(new double[] {1, 3, 5, 2, 4, 6});
        }
    }
}
