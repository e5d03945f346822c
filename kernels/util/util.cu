// Counters in device memory. One block; add_u64 is for counters that a captured graph moves on by itself.
#include "../common/kernel.cuh"

KERNEL(set_u64, unsigned long long* p, unsigned long long value) {
    if (alborz::firstElement() == 0) {
        *p = value;
    }
}

KERNEL(add_u64, unsigned long long* p, unsigned long long value) {
    if (alborz::firstElement() == 0) {
        *p += value;
    }
}
