// The function that a kernel applies to its results before it stores them.
#pragma once

#include "enums.cuh"
#include "math.cuh"

namespace alborz {

template <class A>
__device__ __forceinline__ A activated(Activation activation, A x) {
    switch (activation) {
        case Activation::NONE: return x;
        case Activation::RELU: return math::relu(x);
        case Activation::RELU6: return math::minimum(math::relu(x), (A)6);
        default: __trap(); return x;
    }
}

// A gradient, 0 where what the function gave is at its lower or upper bound.
template <class A>
__device__ __forceinline__ A passed(Activation activation, A y, A dy) {
    switch (activation) {
        case Activation::NONE: return dy;
        case Activation::RELU: return y <= 0 ? (A)0 : dy;
        case Activation::RELU6: return y <= 0 || y >= 6 ? (A)0 : dy;
        default: __trap(); return dy;
    }
}

}  // namespace alborz
