// Lets all blocks of a cooperative launch wait for each other. Needs __nanosleep(unsigned) besides what last_block.cuh lists.
#pragma once

#include "last_block.cuh"

namespace alborz {

// Waits until all blocks have come here, and the last of them has called join(), in which it reads what the others wrote before; what join()
// wrote can be read afterwards. The whole block takes part. `finished` has COUNTS counts and behind them how often blocks have met.
template <class Join>
__device__ __forceinline__ void meet(unsigned* finished, Join join) {
    volatile unsigned* met = finished + COUNTS;
    unsigned before = *met;  // it changes when this block has come as well
    if (isLast(finished, gridDim.x)) {
        join();
        __syncthreads();
        if (threadIdx.x == 0) {
            __threadfence();
            *met = before + 1;
        }
    } else if (threadIdx.x == 0) {
        while (*met == before) {
            __nanosleep(100);
        }
        __threadfence();
    }
    __syncthreads();
}

}  // namespace alborz
