// The shared memory of a block whose size the launch gives. A host build has to supply soft_dynamic_shared().
#pragma once

#include "kernel.cuh"

namespace alborz {

// Aligned to 16 bytes.
__device__ __forceinline__ void* dynamicShared() {
#ifdef ALBORZ_HOST
    return soft_dynamic_shared();
#else
    extern __shared__ uint4 memory[];
    return memory;
#endif
}

}  // namespace alborz
