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

// Whether a gradient passes: not where what the function gave is at its lower or upper bound.
template <class A>
__device__ __forceinline__ bool passes(Activation activation, A y) {
    switch (activation) {
        case Activation::NONE: return true;
        case Activation::RELU: return !(y <= 0);
        case Activation::RELU6: return !(y <= 0 || y >= 6);
        default: __trap(); return true;
    }
}

// A gradient, 0 where it does not pass.
template <class A>
__device__ __forceinline__ A passed(Activation activation, A y, A dy) {
    return passes(activation, y) ? dy : (A)0;
}

}  // namespace alborz
