// How a kernel is declared, on the GPU and on the host.
//
// KERNEL(name, parameters...) { body } defines the entry `name` with C linkage. A block has 256 threads, always. TypedLaunches reads
// these declarations; NULLABLE marks a pointer that may be null.
//
// The sources include no CUDA header; a host build (ALBORZ_HOST) has to supply, before this file:
//   __device__ __forceinline__ __noinline__ __shared__, threadIdx, blockIdx, gridDim (.x of each),
//   __syncthreads(), __shfl_xor_sync(mask, value, lanes), atomicCAS(int*, int, int), __trap(), the functions of <math.h>,
//   and SOFT_KERNEL(name), which makes a declared function known by its name.
#pragma once

#define NULLABLE

#ifdef ALBORZ_HOST
#define KERNEL(name, ...)               \
    extern "C" void name(__VA_ARGS__);  \
    SOFT_KERNEL(name)                   \
    extern "C" void name(__VA_ARGS__)
#else
#define KERNEL(name, ...) extern "C" __global__ void __launch_bounds__(256) name(__VA_ARGS__)
#endif

namespace alborz {

constexpr int BLOCK = 256;
constexpr int WARP = 32;

// The first element of this thread, and the distance to its next one, where threads take elements in turn.
__device__ __forceinline__ long long firstElement() {
    return blockIdx.x * (long long)BLOCK + threadIdx.x;
}

__device__ __forceinline__ long long elementStep() {
    return gridDim.x * (long long)BLOCK;
}

}  // namespace alborz
