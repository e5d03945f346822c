// Sums for normalisation: over columns of N values at a time, in pieces that are combined in a fixed order.
// partial is [N][parts][columns].
#pragma once

#include "pack.cuh"
#include "tile.cuh"
#include "types.cuh"

namespace alborz {

template <class A, int N>
struct Sums {
    A of[N];
};

struct AddSums {
    template <class A, int N>
    __device__ __forceinline__ Sums<A, N> operator()(Sums<A, N> a, const Sums<A, N>& b) const {
#pragma unroll
        for (int i = 0; i < N; i++) {
            a.of[i] += b.of[i];
        }
        return a;
    }
};

struct EveryTile {
    __device__ __forceinline__ bool operator()(long long) const { return true; }
};

// Adds up ofColumn(column)(row), which is Sums<A, N>, over the rows of each piece, of the tiles that isNeeded(tile). AT_ONCE rows are added up on their own, which keeps rounding
// errors small and lets their loads overlap.
template <int N, int AT_ONCE = 8, class A, class OfColumn, class IsNeeded = EveryTile>
__device__ __forceinline__ void sumColumns(
        A* partial, long long rows, long long columns, int parts, OfColumn ofColumn, IsNeeded isNeeded = {}) {
    AddSums sum;
    Tile tile = Tile::of(columns);
    long long tiles = Tile::count(columns);
    for (long long i = blockIdx.x; i < tiles * parts; i += gridDim.x) {
        if (!isNeeded(i % tiles)) {
            continue;
        }
        long long part = i / tiles;
        long long column = i % tiles * tile.width + tile.column;
        Piece piece = Piece::of(rows, (int)part, parts);
        auto value = ofColumn(column < columns ? column : 0);
        Sums<A, N> total = {};
        for (long long r = piece.from + tile.lane; r < piece.to && column < columns; r += AT_ONCE * tile.depth) {
            Sums<A, N> some = {};
#pragma unroll
            for (int k = 0; k < AT_ONCE; k++) {
                if (r + k * tile.depth < piece.to) {
                    some = sum(some, value(r + k * tile.depth));
                }
            }
            total = sum(total, some);
        }
        total = tile.all(total, sum);
        if (tile.lane == 0 && column < columns) {
#pragma unroll
            for (int i = 0; i < N; i++) {
                partial[(i * (long long)parts + part) * columns + column] = total.of[i];
            }
        }
    }
}

// Adds up the pieces of sumColumns and calls done(column, total) once for each column; a block takes every `step`-th tile from `first` on.
template <int N, class A, class Done>
__device__ __forceinline__ void finishColumns(
        const A* partial, long long columns, int parts, Done done, long long first = blockIdx.x, long long step = gridDim.x) {
    AddSums sum;
    Tile tile = Tile::of(columns);
    for (long long i = first; i < Tile::count(columns); i += step) {
        long long column = i * tile.width + tile.column;
        Sums<A, N> total = {};
        for (long long part = tile.lane; part < parts && column < columns; part += tile.depth) {
            Sums<A, N> some;
#pragma unroll
            for (int i = 0; i < N; i++) {
                some.of[i] = partial[(i * (long long)parts + part) * columns + column];
            }
            total = sum(total, some);
        }
        total = tile.all(total, sum);
        if (tile.lane == 0 && column < columns) {
            done(column, total);
        }
    }
}

}  // namespace alborz
