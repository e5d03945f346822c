// Lets the block that finishes last join what all blocks wrote, so that a reduction is one launch. Which block that is does not matter: it
// joins in a fixed order. Needs __threadfence() and atomicAdd(unsigned*, unsigned) besides what kernel.cuh lists.
#pragma once

#include "kernel.cuh"

namespace alborz {

// Tells all threads of the block that finishes last, which then reads what every block wrote before it asked. The whole block takes part.
// `finished` counts the blocks; it is 0 before a kernel and after it.
__device__ __forceinline__ bool isLastBlock(unsigned* finished) {
    __shared__ bool last;
    __threadfence();
    __syncthreads();
    if (threadIdx.x == 0) {
        last = atomicAdd(finished, 1u) == gridDim.x - 1;
        if (last) {
            *finished = 0;
        }
    }
    __syncthreads();
    __threadfence();
    return last;
}

}  // namespace alborz
