// y = op(a, b), element by element, of integers, which wrap around, and of truth values. y may be a or b.
// Dense: all of one order. Strided: an offset calculator of a, b and y.
#include "../common/enums.cuh"
#include "../common/types.cuh"
#include "../common/offset_calculator.cuh"

using namespace alborz;

// ⌊a / b⌋, which wraps around, and 0 where b is 0.
__device__ __forceinline__ long long floorDivide(long long a, long long b) {
    if (b == 0 || b == -1) {
        return b == 0 ? 0 : (long long)(0 - (unsigned long long)a);
    }
    long long quotient = a / b;
    return quotient - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0);
}

// What that leaves, with the sign of b; 0 where b is 0.
__device__ __forceinline__ long long remainder(long long a, long long b) {
    if (b == 0 || b == -1) {
        return 0;
    }
    long long left = a % b;
    return left != 0 && (left < 0) != (b < 0) ? left + b : left;
}

// U is T without sign, whose arithmetic wraps around.
template <class U, class T>
__device__ __forceinline__ T apply(BinaryOp op, T a, T b) {
    switch (op) {
        case BinaryOp::ADD: return (T)((U)a + (U)b);
        case BinaryOp::SUBTRACT: return (T)((U)a - (U)b);
        case BinaryOp::MULTIPLY: return (T)((U)a * (U)b);
        case BinaryOp::MAXIMUM: return a > b ? a : b;
        case BinaryOp::MINIMUM: return a < b ? a : b;
        case BinaryOp::REMAINDER: return (T)remainder((long long)a, (long long)b);
        case BinaryOp::FLOOR_DIVIDE: return (T)floorDivide((long long)a, (long long)b);
        default: __trap(); return b;
    }
}

template <class U, class T>
__device__ void dense(BinaryOp op, const T* a, const T* b, T* y, long long n) {
    for (long long i = firstElement(); i < n; i += elementStep()) {
        y[i] = apply<U>(op, a[i], b[i]);
    }
}

template <class U, class T>
__device__ void strided(BinaryOp op, const T* a, const T* b, T* y, const OffsetCalculator& axes, long long n) {
    for (long long i = firstElement(); i < n; i += elementStep()) {
        auto offset = axes.offsets<3>((unsigned)i);
        y[offset.at[2]] = apply<U>(op, a[offset.at[0]], b[offset.at[1]]);
    }
}

#define KERNELS(T, U, name)                                                                              \
    KERNEL(binary_##name, BinaryOp op, const T* a, const T* b, T* y, long long n) { dense<U>(op, a, b, y, n); }  \
    KERNEL(binary_strided_##name, BinaryOp op, const T* a, const T* b, T* y, OffsetCalculator axes, long long n) {           \
        strided<U>(op, a, b, y, axes, n);                                                                   \
    }
KERNELS(int, unsigned, i32)
KERNELS(long long, unsigned long long, i64)
KERNELS(bool, unsigned, b8)
