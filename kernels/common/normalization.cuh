// What batch and layer normalisation share: sums over columns of two values at a time, in pieces that are combined in a fixed order.
// partial is [2][parts][columns].
#pragma once

#include "pack.cuh"
#include "tile.cuh"
#include "types.cuh"

namespace alborz {

template <class A>
struct Pair {
    A first;
    A second;
};

struct PairSum {
    template <class A>
    __device__ __forceinline__ Pair<A> operator()(Pair<A> a, Pair<A> b) const {
        return {a.first + b.first, a.second + b.second};
    }
};

// Sums ofColumn(column)(row), a Pair, over the rows of each piece. Eight rows are added up on their own, which keeps rounding errors
// small and lets their loads overlap.
template <class A, class OfColumn>
__device__ __forceinline__ void sumColumns(A* partial, long long rows, long long columns, int parts, OfColumn ofColumn) {
    constexpr int AT_ONCE = 8;
    PairSum sum;
    Tile tile = Tile::of(columns);
    long long tiles = Tile::count(columns);
    for (long long i = blockIdx.x; i < tiles * parts; i += gridDim.x) {
        long long part = i / tiles;
        long long column = i % tiles * tile.width + tile.column;
        Piece piece = Piece::of(rows, (int)part, parts);
        auto value = ofColumn(column < columns ? column : 0);
        Pair<A> total = {0, 0};
        for (long long r = piece.from + tile.lane; r < piece.to && column < columns; r += AT_ONCE * tile.depth) {
            Pair<A> some = {0, 0};
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
            partial[part * columns + column] = total.first;
            partial[(parts + part) * columns + column] = total.second;
        }
    }
}

// Adds up the pieces of sumColumns and calls done(column, total) once for each column.
template <class A, class Done>
__device__ __forceinline__ void finishColumns(const A* partial, long long columns, int parts, Done done) {
    PairSum sum;
    Tile tile = Tile::of(columns);
    for (long long i = blockIdx.x; i < Tile::count(columns); i += gridDim.x) {
        long long column = i * tile.width + tile.column;
        Pair<A> total = {0, 0};
        for (long long part = tile.lane; part < parts && column < columns; part += tile.depth) {
            total = sum(total, {partial[part * columns + column], partial[(parts + part) * columns + column]});
        }
        total = tile.all(total, sum);
        if (tile.lane == 0 && column < columns) {
            done(column, total);
        }
    }
}

}  // namespace alborz
