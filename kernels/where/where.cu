// y = condition ≠ 0 ? a : b, element by element. y may be any of them.
// Dense: all of one order, 16 bytes at a time where the addresses allow it. Strided: a walk over condition, a, b and y.
#include "../common/pack.cuh"
#include "../common/walk.cuh"

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
__device__ void strided(const T* condition, const T* a, const T* b, T* y, const Walk& walk, long long n) {
    for (long long i = firstElement(); i < n; i += elementStep()) {
        auto place = walk.places<4>((unsigned)i);
        y[place.at[3]] = load(condition[place.at[0]]) != 0 ? a[place.at[1]] : b[place.at[2]];
    }
}

#define KERNELS(T, name)                                                                                               \
    KERNEL(where_##name, const T* condition, const T* a, const T* b, T* y, long long n) {                              \
        dense(condition, a, b, y, n);                                                                                  \
    }                                                                                                                  \
    KERNEL(where_strided_##name, const T* condition, const T* a, const T* b, T* y, Walk walk, long long n) {           \
        strided(condition, a, b, y, walk, n);                                                                          \
    }
FOR_ALL_TYPES(KERNELS)
