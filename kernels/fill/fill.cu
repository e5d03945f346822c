// y = value. Dense: 16 bytes at a time where the address allows it. Strided: any strides of y.
#include "../common/pack.cuh"
#include "../common/offset_calculator.cuh"

using namespace alborz;

template <class T>
__device__ void dense(double value, T* y, long long n) {
    constexpr int N = lanes<T>();
    T element = store<T>(value);
    inPacks<N>(n, isAligned<N>(y), [&](long long at, auto width) {
        Pack<T, decltype(width)::count> pack;
        for (T& each : pack.data) {
            each = element;
        }
        storePack(y + at, pack);
    });
}

template <class T>
__device__ void strided(double value, T* y, const OffsetCalculator& axes, long long n) {
    T element = store<T>(value);
    for (long long i = firstElement(); i < n; i += elementStep()) {
        y[axes.offsets<1>((unsigned)i).at[0]] = element;
    }
}

#define KERNELS(T, name)                                                                   \
    KERNEL(fill_##name, double value, T* y, long long n) { dense(value, y, n); }           \
    KERNEL(fill_strided_##name, double value, T* y, OffsetCalculator axes, long long n) { strided(value, y, axes, n); }
FOR_ALL_TYPES(KERNELS)
