// What the rows of softmax and of cross-entropy need: the largest element, and the sum of exp(x − largest).
#pragma once

#include "math.cuh"
#include "team.cuh"
#include "types.cuh"

namespace alborz {

struct Larger {
    template <class A>
    __device__ __forceinline__ A operator()(A a, A b) const { return math::maximum(a, b); }
};

template <class Team, class T>
__device__ __forceinline__ Arithmetic<T> largest(const T* row, long long width) {
    Arithmetic<T> own = -math::infinity<Arithmetic<T>>();
#pragma unroll UNROLL<Arithmetic<T>>
    for (long long i = Team::rank(); i < width; i += Team::SIZE) {
        own = math::maximum(own, load(row[i]));
    }
    return Team::all(own, Larger());
}

template <class Team, class T>
__device__ __forceinline__ Arithmetic<T> sumOfExp(const T* row, long long width, Arithmetic<T> largest) {
    Arithmetic<T> own = 0;
#pragma unroll UNROLL<Arithmetic<T>>
    for (long long i = Team::rank(); i < width; i += Team::SIZE) {
        own += math::exp(load(row[i]) - largest);
    }
    return Team::all(own, Sum());
}

}  // namespace alborz
