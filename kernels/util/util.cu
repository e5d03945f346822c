// A number in device memory. One block.
#include "../common/kernel.cuh"

KERNEL(set_u64, unsigned long long* p, unsigned long long value) {
    if (alborz::firstElement() == 0) {
        *p = value;
    }
}
