// What captured work reads and each replay sets before: how far the counters of random numbers are moved on, and numbers of an optimizer's
// step. One block.
#include "../common/kernel.cuh"

// With the other arguments below the 4 KiB that a launch passes.
constexpr int MOST_NUMBERS = 400;

// The numbers from `first` on.
struct ReplayNumbers {
    double values[MOST_NUMBERS];
    int first, count;
};

KERNEL(set_replay, unsigned long long* advance, unsigned long long counters, double* NULLABLE numbers,
        ReplayNumbers set) {
    if (alborz::firstElement() == 0) {
        *advance = counters;
    }
#pragma unroll 1
    for (long long i = alborz::firstElement(); i < set.count; i += alborz::elementStep()) {
        numbers[set.first + i] = set.values[i];
    }
}
