// The index of the largest element, or the smallest: of equal ones the first, and the first NaN where there is one.
// warp, block: rows [rows][width], a team of threads a row. strided: anything, a thread a result.
// hits: how many rows have their largest element where the label says, added to a sum by the last block.
#include "../common/last_block.cuh"
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

// A number that is the larger the smaller x is.
__device__ __forceinline__ float reversed(float x) { return -x; }
__device__ __forceinline__ double reversed(double x) { return -x; }
__device__ __forceinline__ int reversed(int x) { return ~x; }
__device__ __forceinline__ long long reversed(long long x) { return ~x; }

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
__device__ __forceinline__ int placeInRow(int smallest, const T* row, long long width) {
    Better better;
    Best<Arithmetic<T>> best = {0, -1};
#pragma unroll 2
    for (long long i = Team::rank(); i < width; i += Team::SIZE) {
        auto value = load(row[i]);
        best = better(best, {smallest ? reversed(value) : value, (int)i});
    }
    return Team::all(best, better).index;
}

template <class Team, class T>
__device__ void rows(int smallest, const T* x, int* y, long long rows, long long width) {
    for (long long row = Team::first(); row < rows; row += Team::count()) {
        int place = placeInRow<Team>(smallest, x + row * width, width);
        if (Team::rank() == 0) {
            y[row] = place;
        }
    }
}

template <class Team, class T>
__device__ void hits(
        double factor, const T* x, const int* labels, int* partial, double* sum, unsigned* finished, long long rows,
        long long width) {
    int own = 0;
    for (long long row = Team::first(); row < rows; row += Team::count()) {
        int place = placeInRow<Team>(0, x + row * width, width);
        own += Team::rank() == 0 && place == labels[row];
    }
    int ofBlock = Block::all(own, Sum());
    if (threadIdx.x == 0) {
        partial[blockIdx.x] = ofBlock;
    }
    if (isLast(finished, gridDim.x)) {
        int ofBlocks = 0;
        for (int block = threadIdx.x; block < gridDim.x; block += BLOCK) {
            ofBlocks += partial[block];
        }
        int total = Block::all(ofBlocks, Sum());
        if (threadIdx.x == 0) {
            *sum += factor * total;
        }
    }
}

template <class T>
__device__ void strided(
        int smallest, const T* x, int* y, const OffsetCalculator& kept, int size, long long stride, long long results) {
    Better better;
    for (long long i = firstElement(); i < results; i += elementStep()) {
        auto offset = kept.offsets<2>((unsigned)i);
        Best<Arithmetic<T>> best = {0, -1};
#pragma unroll 2
        for (int k = 0; k < size; k++) {
            auto value = load(x[offset.at[0] + k * stride]);
            best = better(best, {smallest ? reversed(value) : value, k});
        }
        y[offset.at[1]] = best.index;
    }
}

#define KERNELS(T, name)                                                                                               \
    KERNEL(argmax_warp_##name, int smallest, const T* x, int* y, long long count, long long width) {                   \
        rows<Warp>(smallest, x, y, count, width);                                                                      \
    }                                                                                                                  \
    KERNEL(argmax_block_##name, int smallest, const T* x, int* y, long long count, long long width) {                  \
        rows<Block>(smallest, x, y, count, width);                                                                     \
    }                                                                                                                  \
    KERNEL(argmax_strided_##name, int smallest, const T* x, int* y, OffsetCalculator kept, int size,                   \
            long long stride, long long results) {                                                                     \
        strided(smallest, x, y, kept, size, stride, results);                                                          \
    }
FOR_FLOATING_TYPES(KERNELS)
FOR_INTEGER_TYPES(KERNELS)

#define HITS_OF(T, name, Team, team)                                                                                   \
    KERNEL(hits_##team##_##name, double factor, const T* x, const int* labels, int* partial, double* sum,              \
            unsigned* finished, long long rows, long long width) {                                                     \
        hits<Team>(factor, x, labels, partial, sum, finished, rows, width);                                            \
    }
#define HITS(T, name) HITS_OF(T, name, Warp, warp) HITS_OF(T, name, Block, block)
FOR_FLOATING_TYPES(HITS)
