// sum += factor · x, in double; both dense and of one order. Neither product nor sum is rounded where x is an integer and factor 1.
#include "../common/types.cuh"

using namespace alborz;

template <class T>
__device__ void accumulate(double factor, const T* x, double* sum, long long n) {
    for (long long i = firstElement(); i < n; i += elementStep()) {
        sum[i] += factor * (double)load(x[i]);
    }
}

#define KERNELS(T, name) \
    KERNEL(accumulate_##name, double factor, const T* x, double* sum, long long n) { accumulate(factor, x, sum, n); }
FOR_ALL_TYPES(KERNELS)
