// y = condition ≠ 0 ? a : b, element by element. y may be any of them.
// Dense: all of one order, 16 bytes at a time where the addresses allow it. Strided: any strides of condition, a, b and y.
#include "../common/pack.cuh"
#include "../common/offset_calculator.cuh"

using namespace alborz;

template <class T>
__device__ void dense(const T* condition, const T* a, const T* b, T* y, long long n) {
    constexpr int N = lanes<T>();
    bool aligned = isAligned<N>(condition) && isAligned<N>(a) && isAligned<N>(b) && isAligned<N>(y);
    inPacks<N>(n, aligned, [&](long long at, auto width) {
        constexpr int count = decltype(width)::count;
        auto choice = loadPack<count>(condition + at);
        auto left = loadPack<count>(a + at);
        auto right = loadPack<count>(b + at);
#pragma unroll
        for (int i = 0; i < count; i++) {
            left.data[i] = load(choice.data[i]) != 0 ? left.data[i] : right.data[i];
        }
        storePack(y + at, left);
    });
}

template <class T>
__device__ void strided(const T* condition, const T* a, const T* b, T* y, const OffsetCalculator& axes, long long n) {
    for (long long i = firstElement(); i < n; i += elementStep()) {
        auto offset = axes.offsets<4>((unsigned)i);
        y[offset.at[3]] = load(condition[offset.at[0]]) != 0 ? a[offset.at[1]] : b[offset.at[2]];
    }
}

#define KERNELS(T, name)                                                                                               \
    KERNEL(where_##name, const T* condition, const T* a, const T* b, T* y, long long n) {                              \
        dense(condition, a, b, y, n);                                                                                  \
    }                                                                                                                  \
    KERNEL(where_strided_##name, const T* condition, const T* a, const T* b, T* y, OffsetCalculator axes,              \
            long long n) {                                                                                             \
        strided(condition, a, b, y, axes, n);                                                                          \
    }
FOR_ALL_TYPES(KERNELS)
