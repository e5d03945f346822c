// The statistics of batch_norm: of x, or of sums that came with it.
#pragma once

#include "last_block.cuh"
#include "math.cuh"
#include "moments.cuh"
#include "normalization.cuh"

namespace alborz {

// The moments of up to eight numbers: their mean first, then the distances from it.
template <class A, int N>
__device__ __forceinline__ Moments<A> momentsOf(const A (&values)[N], int count) {
    A sum = 0;
#pragma unroll
    for (int k = 0; k < N; k++) {
        sum += k < count ? values[k] : 0;
    }
    A mean = sum / (A)count;
    A squares = 0;
#pragma unroll
    for (int k = 0; k < N; k++) {
        squares += k < count ? (values[k] - mean) * (values[k] - mean) : 0;
    }
    return {(A)count, mean, squares};
}

// Passes over the tiles that isNeeded(tile) denies.
template <class T, class IsNeeded>
__device__ void momentsOfParts(
        const T* x, Arithmetic<T>* partial, long long rows, long long channels, int parts, IsNeeded isNeeded) {
    using A = Arithmetic<T>;
    constexpr int AT_ONCE = 8;
    MergeMoments merge;
    Tile tile = Tile::of(channels);
    long long tiles = Tile::count(channels);
    for (long long i = blockIdx.x; i < tiles * parts; i += gridDim.x) {
        if (!isNeeded(i % tiles)) {
            continue;
        }
        long long part = i / tiles;
        long long channel = i % tiles * tile.width + tile.column;
        Piece piece = Piece::of(rows, (int)part, parts);
        A first = channel < channels && rows > 0 ? load(x[channel]) : 0;
        Moments<A> total = {0, 0, 0};
        for (long long r = piece.from + tile.lane; r < piece.to && channel < channels; r += AT_ONCE * tile.depth) {
            A values[AT_ONCE];
            int count = 0;
#pragma unroll
            for (int k = 0; k < AT_ONCE; k++) {
                bool inside = r + k * tile.depth < piece.to;
                values[k] = inside ? load(x[(r + k * tile.depth) * channels + channel]) - first : 0;
                count += inside ? 1 : 0;
            }
            total = merge(total, momentsOf(values, count));
        }
        total = tile.all(total, merge);
        if (tile.lane == 0 && channel < channels) {
            partial[part * channels + channel] = total.mean;
            partial[(parts + part) * channels + channel] = total.squares;
        }
    }
}

// What statistics and sums write for each channel: of its mean as it is rounded, what the rounding lost, and its variance.
template <class A, class P>
struct Normalizer {
    A epsilon;
    const P* gamma;
    const P* beta;
    A* mean;
    A* variance;
    A* scale;
    A* shift;

    __device__ __forceinline__ void store(long long channel, A rounded, A lost, A spread) const {
        mean[channel] = rounded;
        variance[channel] = spread;
        scale[channel] = load(gamma[channel]) / math::sqrt(spread + epsilon);
        shift[channel] = load(beta[channel]) - lost * scale[channel];
    }
};

// Merges the parts of a tile.
template <class T, class P>
__device__ __forceinline__ void joinMoments(
        const T* x, const Arithmetic<T>* partial, const Normalizer<Arithmetic<T>, P>& to, long long rows,
        long long channels, int parts, long long number) {
    using A = Arithmetic<T>;
    MergeMoments merge;
    Tile tile = Tile::of(channels);
    long long channel = number * tile.width + tile.column;
    Moments<A> total = {0, 0, 0};
    for (int part = tile.lane; part < parts && channel < channels; part += tile.depth) {
        Piece piece = Piece::of(rows, part, parts);
        const A* at = partial + part * channels + channel;
        total = merge(total, {(A)(piece.to - piece.from), at[0], at[parts * channels]});
    }
    total = tile.all(total, merge);
    if (tile.lane == 0 && channel < channels) {
        A first = rows > 0 ? load(x[channel]) : 0;
        A rounded = first + total.mean;
        to.store(channel, rounded, total.mean - (rounded - first), total.squares / (A)rows);
    }
}

template <class T, class P>
__device__ void statistics(
        const T* x, Arithmetic<T>* partial, unsigned* finished, const Normalizer<Arithmetic<T>, P>& to, long long rows,
        long long channels, int parts) {
    momentsOfParts(x, partial, rows, channels, parts, [](long long) { return true; });
    finishTiles(finished, Tile::count(channels), parts, [=](long long number) {
        joinMoments(x, partial, to, rows, channels, parts, number);
    });
}

// How much larger than the variance the square of a mean may be for sums to be used: float32 sums of squares keep 24 bits, of which the
// difference loses 6 then.
constexpr float LARGEST_SQUARE = 64;

// Whether the sums of a channel of a tile have lost digits, or are no numbers, so that x has to be read. All threads find the same.
template <class A>
__device__ __forceinline__ bool hasLostDigits(
        const A* sums, const A* squares, long long rows, long long channels, long long number) {
    int width = Tile::of(channels).width;
    bool lost = false;
    for (long long channel = number * width; channel < channels && channel < (number + 1) * width; channel++) {
        A sum = sums[channel];
        A limit = LARGEST_SQUARE / (1 + LARGEST_SQUARE) * (A)rows * squares[channel];
        lost = lost || !(sum * sum <= limit) || limit - limit != 0;
    }
    return lost;
}

template <class T, class P>
__device__ void statisticsOfSums(
        const T* x, const Arithmetic<T>* sums, const Arithmetic<T>* squares, Arithmetic<T>* partial,
        unsigned* finished, const Normalizer<Arithmetic<T>, P>& to, long long rows, long long channels, int parts) {
    using A = Arithmetic<T>;
    auto isNeeded = [=](long long number) { return hasLostDigits(sums, squares, rows, channels, number); };
    momentsOfParts(x, partial, rows, channels, parts, isNeeded);
    finishTiles(finished, Tile::count(channels), parts, [=](long long number) {
        if (isNeeded(number)) {
            joinMoments(x, partial, to, rows, channels, parts, number);
            return;
        }
        Tile tile = Tile::of(channels);
        long long channel = number * tile.width + tile.column;
        if (tile.lane == 0 && channel < channels) {
            double mean = (double)sums[channel] / (double)rows;
            double spread = (double)squares[channel] / (double)rows - mean * mean;
            A rounded = (A)mean;
            to.store(channel, rounded, (A)(mean - (double)rounded), (A)spread);
        }
    });
}

}  // namespace alborz
