// Threads that work on one row together: a warp or a block. What they join, all of them get, joined in a fixed order.
// Every thread of a team has to take part in every join; joining two values must not depend on which comes first.
#pragma once

#include "kernel.cuh"

namespace alborz {

template <class V>
__device__ __forceinline__ V fromLane(V value, int distance) {
    return __shfl_xor_sync(0xffffffffu, value, distance);
}

struct Warp {
    static constexpr int SIZE = WARP;

    __device__ __forceinline__ static int rank() { return threadIdx.x % WARP; }

    // The number of this team, and how many there are.
    __device__ __forceinline__ static long long first() { return blockIdx.x * (long long)(BLOCK / WARP) + threadIdx.x / WARP; }
    __device__ __forceinline__ static long long count() { return gridDim.x * (long long)(BLOCK / WARP); }

    template <class V, class Join>
    __device__ __forceinline__ static V all(V value, Join join) {
#pragma unroll
        for (int distance = WARP / 2; distance > 0; distance /= 2) {
            value = join(value, fromLane(value, distance));
        }
        return value;
    }
};

struct Block {
    static constexpr int SIZE = BLOCK;

    __device__ __forceinline__ static int rank() { return threadIdx.x; }
    __device__ __forceinline__ static long long first() { return blockIdx.x; }
    __device__ __forceinline__ static long long count() { return gridDim.x; }

    template <class V, class Join>
    __device__ __forceinline__ static V all(V value, Join join) {
        __shared__ V ofWarp[BLOCK / WARP];
        value = Warp::all(value, join);
        __syncthreads();  // the last join's values have been read
        if (threadIdx.x % WARP == 0) {
            ofWarp[threadIdx.x / WARP] = value;
        }
        __syncthreads();
        V total = ofWarp[0];
        for (int warp = 1; warp < BLOCK / WARP; warp++) {
            total = join(total, ofWarp[warp]);
        }
        return total;
    }
};

struct Sum {
    template <class A>
    __device__ __forceinline__ static A initial() { return 0; }
    template <class A>
    __device__ __forceinline__ A operator()(A a, A b) const { return a + b; }
};

}  // namespace alborz
