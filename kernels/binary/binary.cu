// y = op(a, b), element by element. y may be a or b.
// Dense: all of one order, 16 bytes at a time where the addresses allow it. Strided: any strides of a, b and y.
#include "../common/enums.cuh"
#include "../common/math.cuh"
#include "../common/pack.cuh"
#include "../common/offset_calculator.cuh"

using namespace alborz;

// What division leaves, with the sign of the divisor.
template <class A>
__device__ __forceinline__ A remainder(A a, A b) {
    A left = math::fmod(a, b);
    return left != 0 && (b < 0) != (left < 0) ? left + b : left;
}

// By the remainder, as the quotient may have been rounded up to a whole number.
template <class A>
__device__ __forceinline__ A floorDivide(A a, A b) {
    if (b == 0) {
        return a / b;
    }
    A left = math::fmod(a, b);
    A quotient = (a - left) / b - (left != 0 && (b < 0) != (left < 0) ? (A)1 : (A)0);
    if (quotient == 0) {
        return math::copysign((A)0, a / b);
    }
    A floor = math::floor(quotient);
    return quotient - floor > (A)0.5 ? floor + 1 : floor;
}

// The functions that are long: called, so that their code is there once.
template <class A>
__device__ __noinline__ A applyLong(BinaryOp op, A a, A b) {
    switch (op) {
        case BinaryOp::POWER: return math::pow(a, b);
        case BinaryOp::REMAINDER: return remainder(a, b);
        case BinaryOp::FLOOR_DIVIDE: return floorDivide(a, b);
        case BinaryOp::ATAN2: return math::atan2(a, b);
        default: __trap(); return b;
    }
}

template <class A>
__device__ __forceinline__ A apply(BinaryOp op, A a, A b) {
    switch (op) {
        case BinaryOp::ADD: return a + b;
        case BinaryOp::SUBTRACT: return a - b;
        case BinaryOp::MULTIPLY: return a * b;
        case BinaryOp::DIVIDE: return a / b;
        case BinaryOp::MAXIMUM: return math::maximum(a, b);
        case BinaryOp::MINIMUM: return math::minimum(a, b);
        case BinaryOp::RELU_BACKWARD: return a <= 0 ? (A)0 : b;
        default: return applyLong(op, a, b);
    }
}

template <class T>
__device__ void dense(BinaryOp op, const T* a, const T* b, T* y, long long n) {
    constexpr int N = lanes<T>();
    inPacks<N>(n, isAligned<N>(a) && isAligned<N>(b) && isAligned<N>(y), [&](long long at, auto width) {
        constexpr int count = decltype(width)::count;
        auto left = loadPack<count>(a + at);
        auto right = loadPack<count>(b + at);
#pragma unroll
        for (int i = 0; i < count; i++) {
            left.data[i] = store<T>(apply(op, load(left.data[i]), load(right.data[i])));
        }
        storePack(y + at, left);
    });
}

template <class T>
__device__ void strided(BinaryOp op, const T* a, const T* b, T* y, const OffsetCalculator& axes, long long n) {
    for (long long i = firstElement(); i < n; i += elementStep()) {
        auto offset = axes.offsets<3>((unsigned)i);
        y[offset.at[2]] = store<T>(apply(op, load(a[offset.at[0]]), load(b[offset.at[1]])));
    }
}

#define KERNELS(T, name)                                                                                           \
    KERNEL(binary_##name, BinaryOp op, const T* a, const T* b, T* y, long long n) { dense(op, a, b, y, n); }       \
    KERNEL(binary_strided_##name, BinaryOp op, const T* a, const T* b, T* y, OffsetCalculator axes, long long n) { \
        strided(op, a, b, y, axes, n);                                                                             \
    }
FOR_FLOATING_TYPES(KERNELS)
