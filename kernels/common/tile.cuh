// A block that reduces columns: up to 32 neighbouring columns by at least 8 lanes, each lane taking rows at a fixed distance.
// With fewer columns the tile is narrower and has more lanes, so that a warp still reads neighbouring elements.
#pragma once

#include "kernel.cuh"

namespace alborz {

constexpr int WIDEST_TILE = 32;

struct Tile {
    int width;
    int column;
    int lane;
    int depth;  // how many lanes

    __device__ __forceinline__ static Tile of(long long columns) {
        int width = WIDEST_TILE;
        while (width / 2 >= columns && width > 1) {
            width /= 2;
        }
        return {width, (int)threadIdx.x % width, (int)threadIdx.x / width, BLOCK / width};
    }

    __device__ __forceinline__ static long long count(long long columns) {
        return (columns + WIDEST_TILE - 1) / WIDEST_TILE;
    }

    // Joins the lanes' values of each column in a fixed order; all lanes get the result. The whole block takes part.
    template <class V, class Join>
    __device__ __forceinline__ V all(V value, Join join) const {
        __shared__ V values[BLOCK];
        __syncthreads();  // the last join's values have been read
        values[threadIdx.x] = value;
        __syncthreads();
        for (int half = depth / 2; half > 0; half /= 2) {
            if (lane < half) {
                values[threadIdx.x] = join(values[threadIdx.x], values[threadIdx.x + half * width]);
            }
            __syncthreads();
        }
        return values[column];
    }
};

// The piece of [0, size) that is number `part` of `parts`.
struct Piece {
    long long from;
    long long to;

    __device__ __forceinline__ static Piece of(long long size, int part, int parts) {
        long long length = (size + parts - 1) / parts;
        long long from = part * length;
        long long to = from + length;
        return {from < size ? from : size, to < size ? to : size};
    }
};

}  // namespace alborz
