// y = a op b, true or false, element by element. With NaN only "not equal" is true.
// Dense: all of one order, up to 16 bytes at a time where the addresses allow it. Strided: an offset calculator of a, b and y.
#include "../common/enums.cuh"
#include "../common/pack.cuh"
#include "../common/offset_calculator.cuh"

using namespace alborz;

template <class A>
__device__ __forceinline__ bool holds(Comparison op, A a, A b) {
    switch (op) {
        case Comparison::EQUAL: return a == b;
        case Comparison::NOT_EQUAL: return a != b;
        case Comparison::LESS: return a < b;
        case Comparison::LESS_EQUAL: return a <= b;
        case Comparison::GREATER: return a > b;
        case Comparison::GREATER_EQUAL: return a >= b;
        default: __trap(); return false;
    }
}

template <class T>
__device__ void dense(Comparison op, const T* a, const T* b, bool* y, long long n) {
    constexpr int N = lanes<T>();
    inPacks<N>(n, isAligned<N>(a) && isAligned<N>(b) && isAligned<N>(y), [&](long long at, auto width) {
        constexpr int count = decltype(width)::count;
        auto left = loadPack<count>(a + at);
        auto right = loadPack<count>(b + at);
        Pack<bool, count> result;
#pragma unroll
        for (int i = 0; i < count; i++) {
            result.data[i] = holds(op, load(left.data[i]), load(right.data[i]));
        }
        storePack(y + at, result);
    });
}

template <class T>
__device__ void strided(Comparison op, const T* a, const T* b, bool* y, const OffsetCalculator& axes, long long n) {
    for (long long i = firstElement(); i < n; i += elementStep()) {
        auto offset = axes.offsets<3>((unsigned)i);
        y[offset.at[2]] = holds(op, load(a[offset.at[0]]), load(b[offset.at[1]]));
    }
}

#define KERNELS(T, name)                                                                                       \
    KERNEL(compare_##name, Comparison op, const T* a, const T* b, bool* y, long long n) { dense(op, a, b, y, n); }    \
    KERNEL(compare_strided_##name, Comparison op, const T* a, const T* b, bool* y, OffsetCalculator axes, long long n) {          \
        strided(op, a, b, y, axes, n);                                                                         \
    }
FOR_ALL_TYPES(KERNELS)
