// The indices of the CUDA thread that runs, and what threads of a block do together.
#pragma once
#include <cstdint>

struct soft_dim {
    unsigned x, y, z;
};

struct soft_index {
    soft_dim thread, block, block_size, grid_size;
};

extern "C" {
extern soft_index soft_here;
void soft_block_barrier(int line);
// Lets other blocks of a cooperative launch go on.
void soft_sleep(void);
// Waits for the lanes of the mask; gives what the lane `source` (0 to 31) brought, or all ones where it takes no part.
uint64_t soft_exchange(unsigned mask, uint64_t value, unsigned source, int line);
// Waits for the lanes of the mask; gives the lanes whose value is not 0.
unsigned soft_ballot(unsigned mask, bool value, int line);
unsigned soft_lane(void);
// The shared memory of the block whose size the launch gave; aligned to 16 bytes.
void* soft_dynamic_shared(void);
[[noreturn]] void soft_trap(const char* reason);
}
