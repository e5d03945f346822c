// Matrix products: C = alpha · op(A) · op(B) + beta · C, column-major, one or a batch of them.
#include "cublas_matrix.h"
#include "enqueue.h"
#include "product.h"

using namespace soft;

namespace {

struct Gemm {
    long m, n, k;
    Matrix a, b, c;
    long batch;
    Scalar alpha, beta;
};

template <class T, class Out, class Acc, class Convert>
void multiply(const Gemm& g) {
    const Acc alpha = static_cast<Acc>(g.alpha.value()), beta = static_cast<Acc>(g.beta.value());
    for (long i = 0; i < g.batch; i++) {
        auto* a = static_cast<const T*>(g.a.data) + i * g.a.stride;
        auto* b = static_cast<const T*>(g.b.data) + i * g.b.stride;
        // The transposed product, since a line of C is a column.
        Strided<Out> c{static_cast<Out*>(g.c.data) + i * g.c.stride, g.c.leading, 1};
        Side<Strided<const T>> rows{{b, g.b.leading, 1}, !g.b.transposed}, columns{{a, g.a.leading, 1}, g.a.transposed};
        product<Acc>(g.n, g.m, alpha == 0 ? 0 : g.k, rows, columns, Convert{}, false,
                [&](long line, long begin, long count, const Acc* sums) { blend(c, line, begin, count, sums, alpha, beta); });
    }
}

using Run = void (*)(const Gemm&);

// The combinations of cublasGemmEx's table that are implemented; null for any other.
Run choose(int a, int b, int c, int compute, int math_mode) {
    if (a != b) return nullptr;
    const int mode = math_mode & ~CUBLAS_MATH_DISALLOW_REDUCED_PRECISION_REDUCTION;
    const bool pedantic = mode == CUBLAS_PEDANTIC_MATH, tf32 = mode == CUBLAS_TF32_TENSOR_OP_MATH;
    switch (compute) {
        case CUBLAS_COMPUTE_32F:
        case CUBLAS_COMPUTE_32F_PEDANTIC:
            if (a == CUDA_R_32F && c == CUDA_R_32F)
                return tf32 && compute == CUBLAS_COMPUTE_32F ? multiply<float, float, float, RoundToTf32>
                                                             : multiply<float, float, float, Exact>;
            if (a == CUDA_R_16F && c == CUDA_R_16F) return multiply<f16, f16, float, Exact>;
            if (a == CUDA_R_16F && c == CUDA_R_32F) return multiply<f16, float, float, Exact>;
            if (a == CUDA_R_16BF && c == CUDA_R_16BF) return multiply<bf16, bf16, float, Exact>;
            if (a == CUDA_R_16BF && c == CUDA_R_32F) return multiply<bf16, float, float, Exact>;
            return nullptr;
        case CUBLAS_COMPUTE_32F_FAST_TF32:
        case CUBLAS_COMPUTE_32F_FAST_16F:
        case CUBLAS_COMPUTE_32F_FAST_16BF:
            if (a != CUDA_R_32F || c != CUDA_R_32F) return nullptr;
            if (pedantic) return multiply<float, float, float, Exact>;
            return compute == CUBLAS_COMPUTE_32F_FAST_TF32 ? multiply<float, float, float, RoundToTf32>
                    : compute == CUBLAS_COMPUTE_32F_FAST_16F ? multiply<float, float, float, RoundTo<f16>>
                                                             : multiply<float, float, float, RoundTo<bf16>>;
        case CUBLAS_COMPUTE_64F:
        case CUBLAS_COMPUTE_64F_PEDANTIC:
            return a == CUDA_R_64F && c == CUDA_R_64F ? multiply<double, double, double, Exact> : nullptr;
        default:
            return nullptr;
    }
}

bool is_algorithm(int algorithm) { return (algorithm >= -1 && algorithm <= 23) || (algorithm >= 99 && algorithm <= 115); }

struct Types {
    int a, b, c, compute, algorithm;
};

cublasStatus_t gemm(const char* call, cublasHandle_t handle, Types types, int op_a, int op_b, long m, long n, long k,
        const void* alpha, const void* a, long lda, long stride_a, const void* b, long ldb, long stride_b,
        const void* beta, void* c, long ldc, long stride_c, long batch) {
    Cublas* cublas;
    if (auto status = enter(call, handle, &cublas)) return status;
    auto invalid = [&](const char* why) { return refuse_cublas(CUBLAS_STATUS_INVALID_VALUE, call, why); };
    if (op_a < CUBLAS_OP_N || op_a > CUBLAS_OP_C || op_b < CUBLAS_OP_N || op_b > CUBLAS_OP_C) return invalid("no such operation");
    if (m < 0 || n < 0 || k < 0 || batch < 0) return invalid("a size is negative");
    if (!is_algorithm(types.algorithm)) return invalid("no such algorithm");
    Run run = choose(types.a, types.b, types.c, types.compute, cublas->math_mode);
    if (run == nullptr)
        return refuse_cublas(CUBLAS_STATUS_NOT_SUPPORTED, call, "this combination of data types and compute type");
    Gemm g{m, n, k, Matrix::of(op_a, m, k, const_cast<void*>(a), types.a, lda, stride_a),
            Matrix::of(op_b, k, n, const_cast<void*>(b), types.b, ldb, stride_b),
            Matrix::of(CUBLAS_OP_N, m, n, c, types.c, ldc, stride_c), batch, {}, {}};
    if (auto why = g.a.wrong_leading("A")) return invalid(why->c_str());
    if (auto why = g.b.wrong_leading("B")) return invalid(why->c_str());
    if (auto why = g.c.wrong_leading("C")) return invalid(why->c_str());
    if (alpha == nullptr || beta == nullptr) return invalid("alpha or beta is null");
    if (m == 0 || n == 0 || batch == 0) return CUBLAS_STATUS_SUCCESS;
    const int scalar = types.compute == CUBLAS_COMPUTE_64F || types.compute == CUBLAS_COMPUTE_64F_PEDANTIC ? CUDA_R_64F : CUDA_R_32F;
    if (auto why = g.alpha.read("alpha", alpha, scalar, cublas->pointer_mode)) return invalid(why->c_str());
    if (auto why = g.beta.read("beta", beta, scalar, cublas->pointer_mode)) return invalid(why->c_str());
    const bool reads = k > 0 && !(g.alpha.device == nullptr && g.alpha.host == 0);
    if (!reads) g.k = 0;
    if (auto why = reads ? g.a.wrong_memory("A", batch) : std::nullopt) return invalid(why->c_str());
    if (auto why = reads ? g.b.wrong_memory("B", batch) : std::nullopt) return invalid(why->c_str());
    if (auto why = g.c.wrong_memory("C", batch)) return invalid(why->c_str());
    if (reads && (g.c.overlaps(g.a, batch) || g.c.overlaps(g.b, batch))) return invalid("C overlaps an input");
    if (batch > 1 && g.c.stride < g.c.extent()) return invalid("the matrices of C overlap: its stride is too small");
    if (enqueue(cublas->stream, call, [g, run] { run(g); }))
        return refuse_cublas(CUBLAS_STATUS_EXECUTION_FAILED, call, "the stream did not take the work");
    return CUBLAS_STATUS_SUCCESS;
}

constexpr int kDefaultAlgorithm = -1;
constexpr Types kSingle{CUDA_R_32F, CUDA_R_32F, CUDA_R_32F, CUBLAS_COMPUTE_32F, kDefaultAlgorithm};
constexpr Types kDouble{CUDA_R_64F, CUDA_R_64F, CUDA_R_64F, CUBLAS_COMPUTE_64F, kDefaultAlgorithm};

}  // namespace

// Each function comes with int sizes and, its name ending in _64, with int64_t.
#define SIZED(SUFFIX, SIZE)                                                                                              \
    CUBLAS_API cublasStatus_t cublasSgemm_v2##SUFFIX(cublasHandle_t handle, int op_a, int op_b, SIZE m, SIZE n, SIZE k,  \
            const float* alpha, const float* a, SIZE lda, const float* b, SIZE ldb, const float* beta, float* c,         \
            SIZE ldc) {                                                                                                  \
        return gemm("cublasSgemm", handle, kSingle, op_a, op_b, m, n, k, alpha, a, lda, 0, b, ldb, 0, beta, c, ldc, 0,   \
                1);                                                                                                      \
    }                                                                                                                    \
    CUBLAS_API cublasStatus_t cublasDgemm_v2##SUFFIX(cublasHandle_t handle, int op_a, int op_b, SIZE m, SIZE n, SIZE k,  \
            const double* alpha, const double* a, SIZE lda, const double* b, SIZE ldb, const double* beta, double* c,    \
            SIZE ldc) {                                                                                                  \
        return gemm("cublasDgemm", handle, kDouble, op_a, op_b, m, n, k, alpha, a, lda, 0, b, ldb, 0, beta, c, ldc, 0,   \
                1);                                                                                                      \
    }                                                                                                                    \
    CUBLAS_API cublasStatus_t cublasSgemmStridedBatched##SUFFIX(cublasHandle_t handle, int op_a, int op_b, SIZE m,       \
            SIZE n, SIZE k, const float* alpha, const float* a, SIZE lda, long long stride_a, const float* b, SIZE ldb,  \
            long long stride_b, const float* beta, float* c, SIZE ldc, long long stride_c, SIZE batch) {                 \
        return gemm("cublasSgemmStridedBatched", handle, kSingle, op_a, op_b, m, n, k, alpha, a, lda, stride_a, b, ldb,  \
                stride_b, beta, c, ldc, stride_c, batch);                                                                \
    }                                                                                                                    \
    CUBLAS_API cublasStatus_t cublasDgemmStridedBatched##SUFFIX(cublasHandle_t handle, int op_a, int op_b, SIZE m,       \
            SIZE n, SIZE k, const double* alpha, const double* a, SIZE lda, long long stride_a, const double* b,         \
            SIZE ldb, long long stride_b, const double* beta, double* c, SIZE ldc, long long stride_c, SIZE batch) {     \
        return gemm("cublasDgemmStridedBatched", handle, kDouble, op_a, op_b, m, n, k, alpha, a, lda, stride_a, b, ldb,  \
                stride_b, beta, c, ldc, stride_c, batch);                                                                \
    }                                                                                                                    \
    CUBLAS_API cublasStatus_t cublasGemmEx##SUFFIX(cublasHandle_t handle, int op_a, int op_b, SIZE m, SIZE n, SIZE k,    \
            const void* alpha, const void* a, int type_a, SIZE lda, const void* b, int type_b, SIZE ldb,                 \
            const void* beta, void* c, int type_c, SIZE ldc, int compute, int algorithm) {                               \
        return gemm("cublasGemmEx", handle, {type_a, type_b, type_c, compute, algorithm}, op_a, op_b, m, n, k, alpha, a, \
                lda, 0, b, ldb, 0, beta, c, ldc, 0, 1);                                                                  \
    }                                                                                                                    \
    CUBLAS_API cublasStatus_t cublasGemmStridedBatchedEx##SUFFIX(cublasHandle_t handle, int op_a, int op_b, SIZE m,      \
            SIZE n, SIZE k, const void* alpha, const void* a, int type_a, SIZE lda, long long stride_a, const void* b,   \
            int type_b, SIZE ldb, long long stride_b, const void* beta, void* c, int type_c, SIZE ldc,                   \
            long long stride_c, SIZE batch, int compute, int algorithm) {                                                \
        return gemm("cublasGemmStridedBatchedEx", handle, {type_a, type_b, type_c, compute, algorithm}, op_a, op_b, m,   \
                n, k, alpha, a, lda, stride_a, b, ldb, stride_b, beta, c, ldc, stride_c, batch);                         \
    }

SIZED(, int)
SIZED(_64, int64_t)
