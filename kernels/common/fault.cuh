// How a kernel tells the host of an index outside of its axis. The structure is in pinned host memory; the first one wins.
#pragma once

#include "kernel.cuh"

namespace alborz {

struct IndexFault {
    int raised;
    int index;
    int size;
    int position;
};

__device__ __forceinline__ bool isOutside(int index, int size, long long position, IndexFault* fault) {
    if ((unsigned)index < (unsigned)size) {
        return false;
    }
    if (atomicCAS(&fault->raised, 0, 1) == 0) {
        fault->index = index;
        fault->size = size;
        fault->position = (int)position;
    }
    return true;
}

}  // namespace alborz
