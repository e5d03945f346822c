// Lets the block that finishes last join what other blocks wrote, so that a reduction is one launch. Which block that is does not matter: it
// joins in a fixed order. Needs __threadfence() and atomicAdd(unsigned*, unsigned) besides what kernel.cuh lists.
#pragma once

#include "kernel.cuh"

namespace alborz {

// How many counts there are in `finished`; FinishedBlocks has as many.
constexpr int COUNTS = 1024;

// Tells all threads of the block that is the last of `blocks` to ask, which then reads what every block wrote before it asked. The whole block
// takes part. `count` is 0 before the first asks and after the last has asked.
__device__ __forceinline__ bool isLast(unsigned* count, unsigned blocks) {
    __shared__ bool last;
    __syncthreads();
    if (threadIdx.x == 0) {
        // Between the block's barriers, so that they order what all its threads write and read.
        __threadfence();
        last = atomicAdd(count, 1u) == blocks - 1;
        __threadfence();
        if (last) {
            *count = 0;
        }
    }
    __syncthreads();
    return last;
}

// Calls finish(tile) once for each tile, where blocks took the parts of all tiles in turn: part p of tile t is number p * tiles + t. The block
// that took the last part of a tile to be done calls it, so that different tiles are finished by different blocks; tiles beyond the number of
// counts share them. The whole block takes part.
template <class Finish>
__device__ __forceinline__ void finishTiles(unsigned* finished, long long tiles, int parts, Finish finish) {
    for (long long i = blockIdx.x; i < tiles * parts; i += gridDim.x) {
        long long count = i % tiles % COUNTS;
        long long sharing = (tiles - count + COUNTS - 1) / COUNTS;
        if (isLast(finished + count, (unsigned)(sharing * parts))) {
            for (long long tile = count; tile < tiles; tile += COUNTS) {
                finish(tile);
            }
        }
    }
}

}  // namespace alborz
