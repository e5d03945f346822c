// y = op(a, b), element by element. y may be a or b.
// Dense: all of one order, 16 bytes at a time where the addresses allow it. Strided: any strides of a, b and y.
#include "../common/enums.cuh"
#include "../common/math.cuh"
#include "../common/pack.cuh"
#include "../common/offset_calculator.cuh"

using namespace alborz;

// Called, so that its long code is there once.
template <class A>
__device__ __noinline__ A power(A a, A b) {
    return math::pow(a, b);
}

template <class A>
__device__ __forceinline__ A apply(BinaryOp op, A a, A b) {
    switch (op) {
        case BinaryOp::ADD: return a + b;
        case BinaryOp::SUBTRACT: return a - b;
        case BinaryOp::MULTIPLY: return a * b;
        case BinaryOp::DIVIDE: return a / b;
        case BinaryOp::POWER: return power(a, b);
        case BinaryOp::MAXIMUM: return math::maximum(a, b);
        case BinaryOp::MINIMUM: return math::minimum(a, b);
        case BinaryOp::RELU_BACKWARD: return a <= 0 ? (A)0 : b;
        default: __trap(); return b;
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
