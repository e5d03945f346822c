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
        default: __trap(); return x;
    }
}

}  // namespace alborz
