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
                [&](long line, long begin, long count, const Acc* sums) {
                    blend(c, line, begin, count, sums, alpha, beta);
                });
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
            return compute == CUBLAS_COMPUTE_32F_FAST_TF32   ? multiply<float, float, float, RoundToTf32>
                    : compute == CUBLAS_COMPUTE_32F_FAST_16F ? multiply<float, float, float, RoundTo<f16>>
                                                             : multiply<float, float, float, RoundTo<bf16>>;
        case CUBLAS_COMPUTE_64F:
        case CUBLAS_COMPUTE_64F_PEDANTIC:
            return a == CUDA_R_64F && c == CUDA_R_64F ? multiply<double, double, double, Exact> : nullptr;
        default: return nullptr;
    }
}

bool is_algorithm(int algorithm) {
    return (algorithm >= -1 && algorithm <= 23) || (algorithm >= 99 && algorithm <= 115);
}

struct Types {
    int a, b, c, compute, algorithm;
};

struct Sizes {
    int op_a, op_b;
    long m, n, k, batch;
};

struct Operand {
    const void* data;
    long leading, stride;
};

bool is_operation(int op) { return op >= CUBLAS_OP_N && op <= CUBLAS_OP_C; }

// What is wrong with the operands of a product that is to be computed, or nothing.
std::optional<std::string> wrong_memory(const Gemm& g) {
    if (g.k > 0) {
        if (auto why = g.a.wrong_memory("A", g.batch)) return why;
        if (auto why = g.b.wrong_memory("B", g.batch)) return why;
    }
    if (auto why = g.c.wrong_memory("C", g.batch)) return why;
    if (g.k > 0 && (g.c.overlaps(g.a, g.batch) || g.c.overlaps(g.b, g.batch))) return "C overlaps an input";
    if (g.batch > 1 && g.c.stride < g.c.extent()) return "the matrices of C overlap: its stride is too small";
    return {};
}

cublasStatus_t gemm(const char* call, cublasHandle_t handle, const Types& types, const Sizes& s, const void* alpha,
        const Operand& a, const Operand& b, const void* beta, const Operand& c) {
    Cublas* cublas;
    if (auto status = enter(call, handle, &cublas)) return status;
    auto invalid = [&](const std::string& why) {
        return refuse_cublas(CUBLAS_STATUS_INVALID_VALUE, call, why.c_str());
    };
    if (!is_operation(s.op_a) || !is_operation(s.op_b)) return invalid("no such operation");
    if (s.m < 0 || s.n < 0 || s.k < 0 || s.batch < 0) return invalid("a size is negative");
    if (!is_algorithm(types.algorithm)) return invalid("no such algorithm");
    const Run run = choose(types.a, types.b, types.c, types.compute, cublas->math_mode);
    if (run == nullptr)
        return refuse_cublas(CUBLAS_STATUS_NOT_SUPPORTED, call, "this combination of data types and compute type");
    Gemm g{s.m, s.n, s.k, Matrix::of(s.op_a, s.m, s.k, a.data, types.a, a.leading, a.stride),
            Matrix::of(s.op_b, s.k, s.n, b.data, types.b, b.leading, b.stride),
            Matrix::of(CUBLAS_OP_N, s.m, s.n, c.data, types.c, c.leading, c.stride), s.batch, {}, {}};
    if (auto why = g.a.wrong_leading("A")) return invalid(*why);
    if (auto why = g.b.wrong_leading("B")) return invalid(*why);
    if (auto why = g.c.wrong_leading("C")) return invalid(*why);
    if (alpha == nullptr || beta == nullptr) return invalid("alpha or beta is null");
    if (s.m == 0 || s.n == 0 || s.batch == 0) return CUBLAS_STATUS_SUCCESS;
    const bool doubles = types.compute == CUBLAS_COMPUTE_64F || types.compute == CUBLAS_COMPUTE_64F_PEDANTIC;
    const int scalar = doubles ? CUDA_R_64F : CUDA_R_32F;
    if (auto why = g.alpha.read("alpha", alpha, scalar, cublas->pointer_mode)) return invalid(*why);
    if (auto why = g.beta.read("beta", beta, scalar, cublas->pointer_mode)) return invalid(*why);
    if (g.alpha.is_zero()) g.k = 0; // nothing reads A or B
    if (auto why = wrong_memory(g)) return invalid(*why);
    if (enqueue(cublas->stream, call, [g, run] { run(g); }))
        return refuse_cublas(CUBLAS_STATUS_EXECUTION_FAILED, call, "the stream did not take the work");
    return CUBLAS_STATUS_SUCCESS;
}

constexpr int kDefaultAlgorithm = -1;
constexpr Types kSingle{CUDA_R_32F, CUDA_R_32F, CUDA_R_32F, CUBLAS_COMPUTE_32F, kDefaultAlgorithm};
constexpr Types kDouble{CUDA_R_64F, CUDA_R_64F, CUDA_R_64F, CUBLAS_COMPUTE_64F, kDefaultAlgorithm};

} // namespace

CUBLAS_API cublasStatus_t cublasSgemm_v2(cublasHandle_t handle, int op_a, int op_b, int m, int n, int k,
        const float* alpha, const float* a, int lda, const float* b, int ldb, const float* beta, float* c, int ldc) {
    return gemm("cublasSgemm", handle, kSingle, {op_a, op_b, m, n, k, 1}, alpha, {a, lda, 0}, {b, ldb, 0}, beta,
            {c, ldc, 0});
}

CUBLAS_API cublasStatus_t cublasDgemm_v2(cublasHandle_t handle, int op_a, int op_b, int m, int n, int k,
        const double* alpha, const double* a, int lda, const double* b, int ldb, const double* beta, double* c,
        int ldc) {
    return gemm("cublasDgemm", handle, kDouble, {op_a, op_b, m, n, k, 1}, alpha, {a, lda, 0}, {b, ldb, 0}, beta,
            {c, ldc, 0});
}

CUBLAS_API cublasStatus_t cublasSgemmStridedBatched(cublasHandle_t handle, int op_a, int op_b, int m, int n, int k,
        const float* alpha, const float* a, int lda, long long stride_a, const float* b, int ldb, long long stride_b,
        const float* beta, float* c, int ldc, long long stride_c, int batch) {
    return gemm("cublasSgemmStridedBatched", handle, kSingle, {op_a, op_b, m, n, k, batch}, alpha, {a, lda, stride_a},
            {b, ldb, stride_b}, beta, {c, ldc, stride_c});
}

CUBLAS_API cublasStatus_t cublasDgemmStridedBatched(cublasHandle_t handle, int op_a, int op_b, int m, int n, int k,
        const double* alpha, const double* a, int lda, long long stride_a, const double* b, int ldb, long long stride_b,
        const double* beta, double* c, int ldc, long long stride_c, int batch) {
    return gemm("cublasDgemmStridedBatched", handle, kDouble, {op_a, op_b, m, n, k, batch}, alpha, {a, lda, stride_a},
            {b, ldb, stride_b}, beta, {c, ldc, stride_c});
}

CUBLAS_API cublasStatus_t cublasGemmEx(cublasHandle_t handle, int op_a, int op_b, int m, int n, int k,
        const void* alpha, const void* a, int type_a, int lda, const void* b, int type_b, int ldb, const void* beta,
        void* c, int type_c, int ldc, int compute, int algorithm) {
    return gemm("cublasGemmEx", handle, {type_a, type_b, type_c, compute, algorithm}, {op_a, op_b, m, n, k, 1}, alpha,
            {a, lda, 0}, {b, ldb, 0}, beta, {c, ldc, 0});
}

CUBLAS_API cublasStatus_t cublasGemmStridedBatchedEx(cublasHandle_t handle, int op_a, int op_b, int m, int n, int k,
        const void* alpha, const void* a, int type_a, int lda, long long stride_a, const void* b, int type_b, int ldb,
        long long stride_b, const void* beta, void* c, int type_c, int ldc, long long stride_c, int batch, int compute,
        int algorithm) {
    return gemm("cublasGemmStridedBatchedEx", handle, {type_a, type_b, type_c, compute, algorithm},
            {op_a, op_b, m, n, k, batch}, alpha, {a, lda, stride_a}, {b, ldb, stride_b}, beta, {c, ldc, stride_c});
}
