// y = exp(x − max) / Σ exp(x − max), or its logarithm x − max − ln Σ exp(x − max), of rows [rows][width].
// A team of threads a row, which reads it three times; the second and third time it is in a cache.
#include "../common/softmax.cuh"

using namespace alborz;

template <class Team, class T>
__device__ void softmax(const T* x, T* y, long long rows, long long width) {
    for (long long row = Team::first(); row < rows; row += Team::count()) {
        const T* from = x + row * width;
        auto max = largest<Team>(from, width);
        auto sum = sumOfExp<Team>(from, width, max);
#pragma unroll UNROLL<Arithmetic<T>>
        for (long long i = Team::rank(); i < width; i += Team::SIZE) {
            y[row * width + i] = store<T>(math::exp(load(from[i]) - max) / sum);
        }
    }
}

template <class Team, class T>
__device__ void logSoftmax(const T* x, T* y, long long rows, long long width) {
    for (long long row = Team::first(); row < rows; row += Team::count()) {
        const T* from = x + row * width;
        auto max = largest<Team>(from, width);
        auto log = math::log(sumOfExp<Team>(from, width, max));
#pragma unroll UNROLL<Arithmetic<T>>
        for (long long i = Team::rank(); i < width; i += Team::SIZE) {
            y[row * width + i] = store<T>(load(from[i]) - max - log);
        }
    }
}

#define KERNELS(T, name)                                                                        \
    KERNEL(softmax_warp_##name, const T* x, T* y, long long rows, long long width) {            \
        softmax<Warp>(x, y, rows, width);                                                       \
    }                                                                                           \
    KERNEL(softmax_block_##name, const T* x, T* y, long long rows, long long width) {           \
        softmax<Block>(x, y, rows, width);                                                      \
    }                                                                                           \
    KERNEL(log_softmax_warp_##name, const T* x, T* y, long long rows, long long width) {        \
        logSoftmax<Warp>(x, y, rows, width);                                                    \
    }                                                                                           \
    KERNEL(log_softmax_block_##name, const T* x, T* y, long long rows, long long width) {       \
        logSoftmax<Block>(x, y, rows, width);                                                   \
    }
FOR_FLOATING_TYPES(KERNELS)
