// Where the numbers of an optimizer's step are that change from step to step (org.alborz.backend.StepNumbers), for steps that captured work
// holds: kernels get a pointer to them, and null where their arguments are the step's.
#pragma once

#include "kernel.cuh"

namespace alborz {

constexpr int RATE = 0;
constexpr int GRADIENT_RATE = 1;
constexpr int CORRECTION = 2;
constexpr int SHRINK = 3;

// Tells whether they are those of a step that changes nothing.
__device__ __forceinline__ bool isNone(const double* numbers) {
    return numbers != nullptr && numbers[RATE] != numbers[RATE];
}

}  // namespace alborz
