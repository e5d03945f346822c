// From the number of an element to its offset in operands of any strides. The host merges axes and orders them; see README.md for
// the fields.
#pragma once

#include "kernel.cuh"

namespace alborz {

constexpr int MOST_AXES = 8;
constexpr int MOST_OPERANDS = 4;

// The offset of an element in each operand, in elements.
template <int N>
struct Offsets {
    long long at[N];
};

struct OffsetCalculator {
    int rank;
    int size[MOST_AXES];
    int magic[MOST_AXES];
    int shift[MOST_AXES];
    int stride[MOST_OPERANDS][MOST_AXES];

    // i / size[axis], by a multiplication (Granlund and Montgomery 1994).
    __device__ __forceinline__ unsigned quotient(unsigned i, int axis) const {
        unsigned high = (unsigned)((unsigned long long)i * (unsigned)magic[axis] >> 32);
        return (high + i) >> shift[axis];
    }

    // Calls body(axis, index) for the index of element i along each axis. The loop is unrolled so that the compiler reads the
    // fields from the parameter space and makes no copy of them.
    template <class Body>
    __device__ __forceinline__ void forEachAxis(unsigned i, Body body) const {
#pragma unroll
        for (int axis = MOST_AXES - 1; axis > 0; axis--) {
            if (axis < rank) {
                unsigned outer = quotient(i, axis);
                body(axis, (int)(i - outer * (unsigned)size[axis]));
                i = outer;
            }
        }
        if (rank > 0) {
            body(0, (int)i);
        }
    }

    template <int N>
    __device__ __forceinline__ Offsets<N> offsets(unsigned i) const {
        Offsets<N> offsets = {};
        forEachAxis(i, [&](int axis, int index) {
#pragma unroll
            for (int operand = 0; operand < N; operand++) {
                offsets.at[operand] += (long long)index * stride[operand][axis];
            }
        });
        return offsets;
    }
};

static_assert(sizeof(OffsetCalculator) == 228, "the layout that README.md tells");

}  // namespace alborz
