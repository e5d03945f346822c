// C = alpha · op(A) + beta · op(B): sums and transposes of matrices.
#include "cublas_matrix.h"
#include "enqueue.h"

using namespace soft;

namespace {

template <class T>
T at(const Matrix& matrix, long i, long j) {
    return static_cast<const T*>(matrix.data)[matrix.transposed ? j + i * matrix.leading : i + j * matrix.leading];
}

template <class T>
void add(const Matrix& a, const Matrix& b, const Matrix& c, T alpha, T beta) {
    for (long j = 0; j < c.columns; j++)
        for (long i = 0; i < c.rows; i++)
            static_cast<T*>(c.data)[i + j * c.leading] =
                    (alpha == 0 ? 0 : alpha * at<T>(a, i, j)) + (beta == 0 ? 0 : beta * at<T>(b, i, j));
}

template <class T>
cublasStatus_t geam(const char* call, int type, cublasHandle_t handle, int op_a, int op_b, long m, long n,
        const T* alpha, const T* a, long lda, const T* beta, const T* b, long ldb, T* c, long ldc) {
    Cublas* cublas;
    if (auto status = enter(call, handle, &cublas)) return status;
    auto invalid = [&](const std::string& why) {
        return refuse_cublas(CUBLAS_STATUS_INVALID_VALUE, call, why.c_str());
    };
    if (op_a < CUBLAS_OP_N || op_a > CUBLAS_OP_C || op_b < CUBLAS_OP_N || op_b > CUBLAS_OP_C)
        return invalid("no such operation");
    if (m < 0 || n < 0) return invalid("a size is negative");
    Matrix left = Matrix::of(op_a, m, n, a, type, lda, 0);
    Matrix right = Matrix::of(op_b, m, n, b, type, ldb, 0);
    Matrix out = Matrix::of(CUBLAS_OP_N, m, n, c, type, ldc, 0);
    if (auto why = left.wrong_leading("A")) return invalid(*why);
    if (auto why = right.wrong_leading("B")) return invalid(*why);
    if (auto why = out.wrong_leading("C")) return invalid(*why);
    if (alpha == nullptr || beta == nullptr) return invalid("alpha or beta is null");
    if (m == 0 || n == 0) return CUBLAS_STATUS_SUCCESS;
    Scalar factor_a, factor_b;
    if (auto why = factor_a.read("alpha", alpha, type, cublas->pointer_mode)) return invalid(*why);
    if (auto why = factor_b.read("beta", beta, type, cublas->pointer_mode)) return invalid(*why);
    const bool reads_a = !factor_a.is_zero(), reads_b = !factor_b.is_zero();
    if (auto why = reads_a ? left.wrong_memory("A", 1) : std::nullopt) return invalid(*why);
    if (auto why = reads_b ? right.wrong_memory("B", 1) : std::nullopt) return invalid(*why);
    if (auto why = out.wrong_memory("C", 1)) return invalid(*why);
    // In place is allowed where nothing moves.
    auto in_place = [&](const Matrix& in) { return in.data == out.data && in.leading == ldc && !in.transposed; };
    if (reads_a && out.overlaps(left, 1) && !in_place(left)) return invalid("C overlaps A");
    if (reads_b && out.overlaps(right, 1) && !in_place(right)) return invalid("C overlaps B");
    if (enqueue(cublas->stream, call,
                [=] { add<T>(left, right, out, static_cast<T>(factor_a.value()), static_cast<T>(factor_b.value())); }))
        return refuse_cublas(CUBLAS_STATUS_EXECUTION_FAILED, call, "the stream did not take the work");
    return CUBLAS_STATUS_SUCCESS;
}

} // namespace

CUBLAS_API cublasStatus_t cublasSgeam(cublasHandle_t handle, int op_a, int op_b, int m, int n, const float* alpha,
        const float* a, int lda, const float* beta, const float* b, int ldb, float* c, int ldc) {
    return geam("cublasSgeam", CUDA_R_32F, handle, op_a, op_b, m, n, alpha, a, lda, beta, b, ldb, c, ldc);
}

CUBLAS_API cublasStatus_t cublasDgeam(cublasHandle_t handle, int op_a, int op_b, int m, int n, const double* alpha,
        const double* a, int lda, const double* beta, const double* b, int ldb, double* c, int ldc) {
    return geam("cublasDgeam", CUDA_R_64F, handle, op_a, op_b, m, n, alpha, a, lda, beta, b, ldb, c, ldc);
}
