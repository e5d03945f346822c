// Copies that convert: y = x, from one type to another or to the same one, bit for bit.
// Dense: x and y of one order, up to 16 bytes at a time where the addresses allow it. Strided: any strides of x and y.
#pragma once

#include "pack.cuh"
#include "types.cuh"
#include "offset_calculator.cuh"

namespace alborz {

namespace conversion {

template <class X, class Y>
struct Converted {
    __device__ __forceinline__ static Y of(X x) { return store<Y>(load(x)); }
};
template <class X>
struct Converted<X, X> {
    __device__ __forceinline__ static X of(X x) { return x; }  // bit for bit
};

template <class X, class Y>
__device__ void dense(const X* x, Y* y, long long n) {
    constexpr int N = lanes<X, Y>();
    inPacks<N>(n, isAligned<N>(x) && isAligned<N>(y), [&](long long at, auto width) {
        constexpr int count = decltype(width)::count;
        auto from = loadPack<count>(x + at);
        Pack<Y, count> to;
#pragma unroll
        for (int i = 0; i < count; i++) {
            to.data[i] = Converted<X, Y>::of(from.data[i]);
        }
        storePack(y + at, to);
    });
}

template <class X, class Y>
__device__ void strided(const X* x, Y* y, const OffsetCalculator& axes, long long n) {
    for (long long i = firstElement(); i < n; i += elementStep()) {
        auto offset = axes.offsets<2>((unsigned)i);
        y[offset.at[1]] = Converted<X, Y>::of(x[offset.at[0]]);
    }
}

}  // namespace conversion

}  // namespace alborz

#define COPY_KERNELS(X, from, Y, to)                                                                                \
    KERNEL(copy_##from##_##to, const X* x, Y* y, long long n) { conversion::dense(x, y, n); }                       \
    KERNEL(copy_strided_##from##_##to, const X* x, Y* y, OffsetCalculator axes, long long n) {                      \
        conversion::strided(x, y, axes, n);                                                                         \
    }
