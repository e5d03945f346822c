// Sums, extremes and means. NaN if any is, for the extremes. A mean is a sum that is divided before it is
// rounded to T; pieces are summed, and join divides. Where the sum is infinite, the mean is taken again of numbers divided one by one.
// warp, block: rows [rows][width], a team of threads a row, 16 bytes at a time where the addresses allow it.
// columns: [outer][reduced][inner], a tile of columns a block (common/tile.cuh).
// split, join: the same for few long rows or columns, in `parts` pieces each, whose results join combines.
// strided: anything, a thread a result.
// A float sum is one of many short sums, whose rounding errors stay small; strided, where a thread adds up everything, adds in double.
#include "../common/enums.cuh"
#include "../common/math.cuh"
#include "../common/pack.cuh"
#include "../common/team.cuh"
#include "../common/tile.cuh"
#include "../common/offset_calculator.cuh"

using namespace alborz;

struct Max {
    template <class A>
    __device__ __forceinline__ static A initial() { return -math::infinity<A>(); }
    template <class A>
    __device__ __forceinline__ A operator()(A a, A b) const { return math::maximum(a, b); }
};

struct Min {
    template <class A>
    __device__ __forceinline__ static A initial() { return math::infinity<A>(); }
    template <class A>
    __device__ __forceinline__ A operator()(A a, A b) const { return math::minimum(a, b); }
};

// Calls body(join) with the function that op stands for.
template <class Body>
__device__ __forceinline__ void withJoin(ReduceOp op, Body body) {
    switch (op) {
        case ReduceOp::MAX: return body(Max());
        case ReduceOp::MIN: return body(Min());
        case ReduceOp::SUM:
        case ReduceOp::MEAN: return body(Sum());
        default: __trap();
    }
}

// Makes a mean of a sum; `again` gives this thread's share of the mean of numbers that were divided by the count one by one, and `all`
// adds the shares up. A team decides alike, as all its threads have the sum.
template <class A, class Again, class All>
__device__ __forceinline__ A finished(ReduceOp op, A total, long long count, Again again, All all) {
    if (op != ReduceOp::MEAN) {
        return total;
    }
    bool infinite = total == math::infinity<A>() || total == -math::infinity<A>();
    return infinite ? (A)all(again()) : total / (A)count;
}

// Every `step`-th of `count` numbers from `rank` on, added up as shares of their mean.
template <class T>
__device__ __noinline__ double shareOfMean(const T* from, long long count, long long stride, int rank, int step) {
    double share = 0;
#pragma unroll 1
    for (long long k = rank; k < count; k += step) {
        share += (double)load(from[k * stride]) / (double)count;
    }
    return share;
}

// What one thread of a team of `step` has of the row: every `step`-th element.
template <class T, class Join>
__device__ __forceinline__ Arithmetic<T> joinOwn(const T* row, long long width, int rank, int step, Join join) {
    using A = Arithmetic<T>;
    constexpr int N = lanes<T>();
    A totals[N];
    for (A& total : totals) {
        total = Join::template initial<A>();
    }
    long long packs = isAligned<N>(row) ? width / N : 0;
#pragma unroll UNROLL<A>
    for (long long i = rank; i < packs; i += step) {
        auto pack = loadPack<N>(row + i * N);
#pragma unroll
        for (int lane = 0; lane < N; lane++) {
            totals[lane] = join(totals[lane], load(pack.data[lane]));
        }
    }
#pragma unroll 1
    for (long long i = packs * N + rank; i < width; i += step) {
        totals[0] = join(totals[0], load(row[i]));
    }
#pragma unroll
    for (int half = N / 2; half > 0; half /= 2) {
        for (int lane = 0; lane < half; lane++) {
            totals[lane] = join(totals[lane], totals[lane + half]);
        }
    }
    return totals[0];
}

template <class Team, class T>
__device__ void rows(ReduceOp op, const T* x, T* y, long long rows, long long width) {
    withJoin(op, [=](auto join) {
        for (long long i = Team::first(); i < rows; i += Team::count()) {
            const T* from = x + i * width;
            auto total = Team::all(joinOwn(from, width, Team::rank(), Team::SIZE, join), join);
            auto again = [=] { return shareOfMean(from, width, 1, Team::rank(), Team::SIZE); };
            auto result = finished(op, total, width, again, [](double share) { return Team::all(share, Sum()); });
            if (Team::rank() == 0) {
                y[i] = store<T>(result);
            }
        }
    });
}

template <class T>
__device__ void split(ReduceOp op, const T* x, Arithmetic<T>* partial, long long rows, long long width, int parts) {
    withJoin(op, [=](auto join) {
        for (long long i = Block::first(); i < rows * parts; i += Block::count()) {
            Piece piece = Piece::of(width, (int)(i % parts), parts);
            const T* from = x + i / parts * width + piece.from;
            auto total = Block::all(joinOwn(from, piece.to - piece.from, Block::rank(), Block::SIZE, join), join);
            if (Block::rank() == 0) {
                partial[i] = total;
            }
        }
    });
}

template <class T>
__device__ void joinPieces(
        ReduceOp op, const T* x, const Arithmetic<T>* partial, T* y, long long results, int parts, long long count,
        long long inner) {
    withJoin(op, [=](auto join) {
        for (long long i = Warp::first(); i < results; i += Warp::count()) {
            auto total = Warp::all(joinOwn(partial + i * parts, parts, Warp::rank(), Warp::SIZE, join), join);
            const T* from = x + i / inner * count * inner + i % inner;
            auto again = [=] { return shareOfMean(from, count, inner, Warp::rank(), Warp::SIZE); };
            auto result = finished(op, total, count, again, [](double share) { return Warp::all(share, Sum()); });
            if (Warp::rank() == 0) {
                y[i] = store<T>(result);
            }
        }
    });
}

// Calls done(result, part, total, first element of the column) for each piece of each column.
template <class T, class Done>
__device__ void columns(
        ReduceOp op, const T* x, long long outer, long long reduced, long long inner, int parts, Done done) {
    using A = Arithmetic<T>;
    constexpr int AT_ONCE = 4;
    withJoin(op, [=](auto join) {
        Tile tile = Tile::of(inner);
        long long tiles = Tile::count(inner);
        for (long long i = blockIdx.x; i < outer * tiles * parts; i += gridDim.x) {
            Piece piece = Piece::of(reduced, (int)(i % parts), parts);
            long long column = i / parts % tiles * tile.width + tile.column;
            long long result = i / parts / tiles * inner + column;
            A totals[AT_ONCE];
            for (A& total : totals) {
                total = join.template initial<A>();
            }
            const T* from = x + i / parts / tiles * reduced * inner + column;
            if (column < inner) {
                long long r = piece.from + tile.lane;
                for (; r + (AT_ONCE - 1) * tile.depth < piece.to; r += AT_ONCE * tile.depth) {
#pragma unroll
                    for (int k = 0; k < AT_ONCE; k++) {
                        totals[k] = join(totals[k], load(from[(r + k * tile.depth) * inner]));
                    }
                }
#pragma unroll 1
                for (; r < piece.to; r += tile.depth) {
                    totals[0] = join(totals[0], load(from[r * inner]));
                }
            }
            A total = tile.all(join(join(totals[0], totals[1]), join(totals[2], totals[3])), join);
            if (tile.lane == 0 && column < inner) {
                done(result, i % parts, total, from);
            }
        }
    });
}

template <class T>
__device__ void columnsToResults(ReduceOp op, const T* x, T* y, long long outer, long long reduced, long long inner) {
    columns(op, x, outer, reduced, inner, 1, [=](long long result, long long, auto total, const T* from) {
        auto again = [=] { return shareOfMean(from, reduced, inner, 0, 1); };
        y[result] = store<T>(finished(op, total, reduced, again, [](double share) { return share; }));
    });
}

// Looks at op for each element, which costs little beside finding it.
struct ByOp {
    ReduceOp op;

    __device__ __forceinline__ double initial() const {
        switch (op) {
            case ReduceOp::MAX: return Max::initial<double>();
            case ReduceOp::MIN: return Min::initial<double>();
            case ReduceOp::SUM:
            case ReduceOp::MEAN: return 0;
            default: __trap(); return 0;
        }
    }
    __device__ __forceinline__ double operator()(double a, double b) const {
        return op == ReduceOp::MAX ? math::maximum(a, b) : op == ReduceOp::MIN ? math::minimum(a, b) : a + b;
    }
};

template <class T>
__device__ void strided(
        ReduceOp op, const T* x, T* y, const OffsetCalculator& kept, const OffsetCalculator& reduced, long long results,
        long long count) {
    ByOp join = {op};
    for (long long i = firstElement(); i < results; i += elementStep()) {
        auto offset = kept.offsets<2>((unsigned)i);
        double total = join.initial();
#pragma unroll 1
        for (long long k = 0; k < count; k++) {
            total = join(total, (double)load(x[offset.at[0] + reduced.offsets<1>((unsigned)k).at[0]]));
        }
        auto again = [&] {
            double share = 0;
#pragma unroll 1
            for (long long k = 0; k < count; k++) {
                share += (double)load(x[offset.at[0] + reduced.offsets<1>((unsigned)k).at[0]]) / (double)count;
            }
            return share;
        };
        y[offset.at[1]] = store<T>(finished(op, total, count, again, [](double share) { return share; }));
    }
}

#define KERNELS(T, name)                                                                                                  \
    KERNEL(reduce_warp_##name, ReduceOp op, const T* x, T* y, long long count, long long width) {                         \
        rows<Warp>(op, x, y, count, width);                                                                               \
    }                                                                                                                     \
    KERNEL(reduce_block_##name, ReduceOp op, const T* x, T* y, long long count, long long width) {                        \
        rows<Block>(op, x, y, count, width);                                                                              \
    }                                                                                                                     \
    KERNEL(reduce_split_##name, ReduceOp op, const T* x, Arithmetic<T>* partial, long long count, long long width,        \
            int parts) {                                                                                                  \
        split(op, x, partial, count, width, parts);                                                                       \
    }                                                                                                                     \
    KERNEL(reduce_join_##name, ReduceOp op, const T* x, const Arithmetic<T>* partial, T* y, long long results, int parts, \
            long long count, long long inner) {                                                                           \
        joinPieces(op, x, partial, y, results, parts, count, inner);                                                      \
    }                                                                                                                     \
    KERNEL(reduce_columns_##name, ReduceOp op, const T* x, T* y, long long outer, long long reduced, long long inner) {   \
        columnsToResults(op, x, y, outer, reduced, inner);                                                                \
    }                                                                                                                     \
    KERNEL(reduce_columns_split_##name, ReduceOp op, const T* x, Arithmetic<T>* partial, long long outer,                 \
            long long reduced, long long inner, int parts) {                                                              \
        columns(op, x, outer, reduced, inner, parts, [=](long long result, long long part, auto total, const T*) {        \
            partial[result * parts + part] = total;                                                                       \
        });                                                                                                               \
    }                                                                                                                     \
    KERNEL(reduce_strided_##name, ReduceOp op, const T* x, T* y, OffsetCalculator kept, OffsetCalculator reduced,         \
            long long results, long long count) {                                                                         \
        strided(op, x, y, kept, reduced, results, count);                                                                 \
    }
FOR_FLOATING_TYPES(KERNELS)
