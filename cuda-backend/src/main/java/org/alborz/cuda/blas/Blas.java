package org.alborz.cuda.blas;

import static jcuda.jcublas.JCublas2.cublasCreate;
import static jcuda.jcublas.JCublas2.cublasDestroy;
import static jcuda.jcublas.JCublas2.cublasGemmStridedBatchedEx_new;
import static jcuda.jcublas.JCublas2.cublasGetStatusName;
import static jcuda.jcublas.JCublas2.cublasGetStatusString;
import static jcuda.jcublas.JCublas2.cublasSetMathMode;
import static jcuda.jcublas.JCublas2.cublasSetStream;
import static jcuda.jcublas.JCublas2.cublasSetWorkspace;

import jcuda.Pointer;
import jcuda.cudaDataType;
import jcuda.jcublas.cublasComputeType;
import jcuda.jcublas.cublasHandle;
import jcuda.jcublas.cublasMath;
import org.alborz.backend.Operand;
import org.alborz.cuda.driver.CudaException;
import org.alborz.cuda.driver.DeviceMemory;
import org.alborz.cuda.driver.PinnedMemory;
import org.alborz.cuda.driver.Resources;
import org.alborz.cuda.driver.Stream;
import org.alborz.cuda.driver.WorkKind;
import org.alborz.cuda.memory.OperandBytes;
import org.alborz.type.DType;

/** cuBLAS on one stream. Its workspace is given once, so that products can be captured in a graph. */
public final class Blas implements AutoCloseable {
    private static final int DEFAULT_ALGORITHM = -1;

    /** What NVIDIA recommends for Hopper, the most that any architecture needs. */
    private static final long WORKSPACE_BYTES = 32 << 20;

    private static final int FLOAT_ONE = 0;
    private static final int FLOAT_ZERO = 8;
    private static final int DOUBLE_ONE = 16;
    private static final int DOUBLE_ZERO = 24;
    private static final int FACTOR_BYTES = 32;

    private final Stream stream;
    private final boolean tf32;
    private final cublasHandle handle = new cublasHandle();
    private final Resources resources = new Resources();
    private final Pointer floatOne;
    private final Pointer floatZero;
    private final Pointer doubleOne;
    private final Pointer doubleZero;

    /**
     * Opens cuBLAS.
     *
     * @param tf32 whether products of float32 may round their factors to TF32 (10 bits of fraction)
     */
    public Blas(Stream stream, boolean tf32) {
        this.stream = stream;
        this.tf32 = tf32;
        stream.context().makeCurrent();
        try {
            DeviceMemory workspace = resources.add(new DeviceMemory(WORKSPACE_BYTES));
            check(cublasCreate(handle), "cublasCreate");
            resources.add(() -> check(cublasDestroy(handle), "cublasDestroy"));
            check(cublasSetStream(handle, stream.forLibraries()), "cublasSetStream");
            // Sums of 16-bit products are kept in float32 to the end, also where they are taken in parts.
            check(
                    cublasSetMathMode(handle, cublasMath.CUBLAS_MATH_DISALLOW_REDUCED_PRECISION_REDUCTION),
                    "cublasSetMathMode");
            check(cublasSetWorkspace(handle, workspace.address(), WORKSPACE_BYTES), "cublasSetWorkspace");
            PinnedMemory factors = resources.add(new PinnedMemory(FACTOR_BYTES));
            factors.bytes()
                    .putFloat(FLOAT_ONE, 1)
                    .putFloat(FLOAT_ZERO, 0)
                    .putDouble(DOUBLE_ONE, 1)
                    .putDouble(DOUBLE_ZERO, 0);
            floatOne = factors.at(FLOAT_ONE);
            floatZero = factors.at(FLOAT_ZERO);
            doubleOne = factors.at(DOUBLE_ONE);
            doubleZero = factors.at(DOUBLE_ZERO);
        } catch (RuntimeException | Error e) {
            resources.closeAfter(e);
            throw e;
        }
    }

    /**
     * Computes {@code y = a·b}, for each matrix where there is a batch.
     *
     * <p>cuBLAS counts matrices by columns, so a row-major matrix is its own transpose there, and {@code yᵀ = bᵀ·aᵀ} is asked for.
     *
     * @param a {@code [B, M, K]} or {@code [M, K]}, with stride 1 along one of the last two axes
     * @param b {@code [B, K, N]} or {@code [K, N]}, likewise
     * @param y {@code [B, M, N]} or {@code [M, N]}, row-major
     */
    public void multiply(Operand a, Operand b, Operand y) {
        DType dtype = y.dtype();
        int m = y.shape().size(-2);
        int n = y.shape().size(-1);
        int k = a.shape().size(-1);
        int batch = y.shape().rank() == 3 ? y.shape().size(0) : 1;
        multiply(dtype, m, n, k, Matrix.of(a), Matrix.of(b), Matrix.of(y), batch);
        if (stream.isObserved()) {
            long bytes = OperandBytes.of(a) + OperandBytes.of(b) + OperandBytes.of(y);
            stream.tell(WorkKind.PRODUCT, "product", bytes, 2L * batch * m * n * k);
        }
    }

    private void multiply(DType dtype, int m, int n, int k, Matrix a, Matrix b, Matrix y, int batch) {
        stream.context().makeCurrent();
        stream.settle();
        boolean wide = dtype == DType.FLOAT64;
        int type = typeOf(dtype);
        int status = cublasGemmStridedBatchedEx_new(
                handle,
                b.operation(),
                a.operation(),
                n,
                m,
                k,
                wide ? doubleOne : floatOne,
                b.pointer(),
                type,
                b.leading(),
                b.batchStride(),
                a.pointer(),
                type,
                a.leading(),
                a.batchStride(),
                wide ? doubleZero : floatZero,
                y.pointer(),
                type,
                y.leading(),
                y.batchStride(),
                batch,
                computeType(dtype),
                DEFAULT_ALGORITHM);
        if (status != 0) {
            throw failure(
                    status,
                    "cublasGemmStridedBatchedEx of " + batch + " products [" + m + ", " + k + "] x [" + k + ", " + n
                            + "] " + dtype);
        }
    }

    private static int typeOf(DType dtype) {
        return switch (dtype) {
            case FLOAT32 -> cudaDataType.CUDA_R_32F;
            case FLOAT64 -> cudaDataType.CUDA_R_64F;
            case FLOAT16 -> cudaDataType.CUDA_R_16F;
            case BFLOAT16 -> cudaDataType.CUDA_R_16BF;
            case INT32, INT64, UINT8, BOOL ->
                throw new IllegalArgumentException("A product expects floating-point factors, got " + dtype);
        };
    }

    private int computeType(DType dtype) {
        return switch (dtype) {
            case FLOAT64 -> cublasComputeType.CUBLAS_COMPUTE_64F;
            case FLOAT32 ->
                tf32 ? cublasComputeType.CUBLAS_COMPUTE_32F_FAST_TF32 : cublasComputeType.CUBLAS_COMPUTE_32F;
            default -> cublasComputeType.CUBLAS_COMPUTE_32F;
        };
    }

    private static void check(int status, String call) {
        if (status != 0) {
            throw failure(status, call);
        }
    }

    private static CudaException failure(int status, String call) {
        return new CudaException(
                call + " failed: " + cublasGetStatusName(status) + " (" + status + "), " + cublasGetStatusString(status)
                        + ".",
                status);
    }

    @Override
    public void close() {
        stream.context().makeCurrentToClose();
        resources.close();
    }
}
