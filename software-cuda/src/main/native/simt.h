// Runs a grid: block after block, the threads of a block as fibers that switch only where they synchronise. The blocks of a cooperative launch
// take turns where their threads sleep.
#pragma once
#include <string>
#include "cuda_index.h"
#include "soft_kernel.h"

namespace soft {

struct Geometry {
    soft_dim grid, block;
    unsigned shared = 0;  // bytes of dynamic shared memory
};

struct Simt {
    // Returns the empty string, or why the kernel cannot go on (threads that wait for each other: a deadlock).
    static std::string run(
        const soft_kernel& kernel, void** arguments, const Geometry& geometry, bool reversed, bool cooperative);
    // Where the kernel is: block and thread, for messages about faults.
    static std::string place();
};

}
