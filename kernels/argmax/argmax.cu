// The index of the largest element: of equal ones the first, and the first NaN where there is one.
// warp, block: rows [rows][width], a team of threads a row. strided: anything, a thread a result.
#include "../common/pack.cuh"
#include "../common/team.cuh"
#include "../common/offset_calculator.cuh"

using namespace alborz;

namespace alborz {

// An element and where it is; an index of −1 stands for none.
template <class A>
struct Best {
    A value;
    int index;
};

template <class A>
__device__ __forceinline__ Best<A> fromLane(Best<A> best, int distance) {
    return {fromLane(best.value, distance), fromLane(best.index, distance)};
}

}  // namespace alborz

struct Better {
    template <class A>
    __device__ __forceinline__ Best<A> operator()(Best<A> a, Best<A> b) const {
        if (a.index < 0 || b.index < 0) {
            return a.index < 0 ? b : a;
        }
        bool aIsNaN = a.value != a.value, bIsNaN = b.value != b.value;
        bool equal = aIsNaN ? bIsNaN : a.value == b.value;
        bool aWins = equal ? a.index < b.index : aIsNaN || a.value > b.value;
        return aWins ? a : b;
    }
};

template <class Team, class T>
__device__ void rows(const T* x, int* y, long long rows, long long width) {
    Better better;
    for (long long row = Team::first(); row < rows; row += Team::count()) {
        Best<Arithmetic<T>> best = {0, -1};
#pragma unroll 2
        for (long long i = Team::rank(); i < width; i += Team::SIZE) {
            best = better(best, {load(x[row * width + i]), (int)i});
        }
        best = Team::all(best, better);
        if (Team::rank() == 0) {
            y[row] = best.index;
        }
    }
}

template <class T>
__device__ void strided(
        const T* x, int* y, const OffsetCalculator& kept, int size, long long stride, long long results) {
    Better better;
    for (long long i = firstElement(); i < results; i += elementStep()) {
        auto offset = kept.offsets<2>((unsigned)i);
        Best<Arithmetic<T>> best = {0, -1};
#pragma unroll 2
        for (int k = 0; k < size; k++) {
            best = better(best, {load(x[offset.at[0] + k * stride]), k});
        }
        y[offset.at[1]] = best.index;
    }
}

#define KERNELS(T, name)                                                                                               \
    KERNEL(argmax_warp_##name, const T* x, int* y, long long count, long long width) {                                 \
        rows<Warp>(x, y, count, width);                                                                                \
    }                                                                                                                  \
    KERNEL(argmax_block_##name, const T* x, int* y, long long count, long long width) {                                \
        rows<Block>(x, y, count, width);                                                                               \
    }                                                                                                                  \
    KERNEL(argmax_strided_##name, const T* x, int* y, OffsetCalculator kept, int size, long long stride,               \
            long long results) {                                                                                       \
        strided(x, y, kept, size, stride, results);                                                                    \
    }
FOR_FLOATING_TYPES(KERNELS)
