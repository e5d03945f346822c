// Sums and extremes of integers and truth values. A sum is a long long and wraps around; an extreme of truth values is whether any or
// all of them are true. The order makes no difference to these, so a team of threads shares the elements of each result as they come.
// `kept` holds the axes of the results, `reduced` those of what is reduced for each.
#include "../common/enums.cuh"
#include "../common/offset_calculator.cuh"
#include "../common/team.cuh"
#include "../common/types.cuh"

using namespace alborz;

struct Join {
    ReduceOp op;

    __device__ __forceinline__ long long operator()(long long a, long long b) const {
        switch (op) {
            case ReduceOp::SUM: return (long long)((unsigned long long)a + (unsigned long long)b);
            case ReduceOp::MAX: return a > b ? a : b;
            case ReduceOp::MIN: return a < b ? a : b;
            default: __trap(); return a;
        }
    }
};

template <class Team, class T, class Y>
__device__ void reduce(
        ReduceOp op, const T* x, Y* y, const OffsetCalculator& kept, const OffsetCalculator& reduced, long long results,
        long long width) {
    Join join = {op};
    for (long long i = Team::first(); i < results; i += Team::count()) {
        auto offset = kept.offsets<2>((unsigned)i);
        // Each thread begins with an element, which may be another's: it makes no difference to an extreme.
        long long own = op == ReduceOp::SUM ? 0 : (long long)x[offset.at[0]];
        for (long long k = Team::rank(); k < width; k += Team::SIZE) {
            own = join(own, (long long)x[offset.at[0] + reduced.offsets<1>((unsigned)k).at[0]]);
        }
        long long total = Team::all(own, join);
        if (Team::rank() == 0) {
            y[offset.at[1]] = (Y)total;
        }
    }
}

#define KERNELS_OF(T, name, Team, team)                                                                                \
    KERNEL(sum_integer_##team##_##name, const T* x, long long* y, OffsetCalculator kept, OffsetCalculator reduced,     \
            long long results, long long width) {                                                                      \
        reduce<Team>(ReduceOp::SUM, x, y, kept, reduced, results, width);                                              \
    }                                                                                                                  \
    KERNEL(extreme_integer_##team##_##name, ReduceOp op, const T* x, T* y, OffsetCalculator kept,                      \
            OffsetCalculator reduced, long long results, long long width) {                                            \
        reduce<Team>(op, x, y, kept, reduced, results, width);                                                         \
    }
#define KERNELS(T, name) KERNELS_OF(T, name, Warp, warp) KERNELS_OF(T, name, Block, block)
FOR_INTEGER_TYPES(KERNELS)
FOR_BYTE_TYPES(KERNELS)
