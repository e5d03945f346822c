// y = condition ? a : b, element by element. y may be a or b.
// Dense: all of one order, up to 16 bytes at a time where the addresses allow it. Strided: an offset calculator of condition, a, b and y.
#include "../common/pack.cuh"
#include "../common/offset_calculator.cuh"

using namespace alborz;

template <class T>
__device__ void dense(const bool* condition, const T* a, const T* b, T* y, long long n) {
    constexpr int N = lanes<T>();
    bool aligned = isAligned<N>(condition) && isAligned<N>(a) && isAligned<N>(b) && isAligned<N>(y);
    inPacks<N>(n, aligned, [&](long long at, auto width) {
        constexpr int count = decltype(width)::count;
        auto choice = loadPack<count>(condition + at);
        auto left = loadPack<count>(a + at);
        auto right = loadPack<count>(b + at);
#pragma unroll
        for (int i = 0; i < count; i++) {
            left.data[i] = choice.data[i] ? left.data[i] : right.data[i];
        }
        storePack(y + at, left);
    });
}

template <class T>
__device__ void strided(const bool* condition, const T* a, const T* b, T* y, const OffsetCalculator& axes, long long n) {
    for (long long i = firstElement(); i < n; i += elementStep()) {
        auto offset = axes.offsets<4>((unsigned)i);
        y[offset.at[3]] = condition[offset.at[0]] ? a[offset.at[1]] : b[offset.at[2]];
    }
}

#define KERNELS(T, name)                                                                                               \
    KERNEL(where_##name, const bool* condition, const T* a, const T* b, T* y, long long n) {                              \
        dense(condition, a, b, y, n);                                                                                  \
    }                                                                                                                  \
    KERNEL(where_strided_##name, const bool* condition, const T* a, const T* b, T* y, OffsetCalculator axes, long long n) {           \
        strided(condition, a, b, y, axes, n);                                                                          \
    }
FOR_ALL_TYPES(KERNELS)
