// What captured work reads and each replay sets before: how far the counters of random numbers are moved on, and numbers of an optimizer's
// step. One block.
#include "../common/kernel.cuh"

constexpr int MOST_NUMBERS = 64;

// The numbers from `first` on.
struct ReplayNumbers {
    double values[MOST_NUMBERS];
    int first, count;
};

KERNEL(set_replay, unsigned long long* advance, unsigned long long counters, double* NULLABLE numbers,
        ReplayNumbers set) {
    if (alborz::firstElement() == 0) {
        *advance = counters;
#pragma unroll 1
        for (int i = 0; i < set.count; i++) {
            numbers[set.first + i] = set.values[i];
        }
    }
}
