// The gradient of a bias: sums of the columns of a gradient that a kernel computes and stores anyway, finished by the last block of each tile.
#pragma once

#include "last_block.cuh"
#include "normalization.cuh"

namespace alborz {

// Calls gradient(row, column), which returns Pack<T, N>, for all of [rows, columns], and adds up its columns, AT_ONCE rows at a time, in
// `parts` pieces: dbias [columns]. partial is [parts][columns].
template <int N, int AT_ONCE, class T, class Gradient>
__device__ __forceinline__ void biasGradient(
        Arithmetic<T>* partial, T* dbias, unsigned* finished, long long rows, long long columns, int parts, Gradient gradient) {
    using A = Arithmetic<T>;
    long long packs = columns / N;
    sumColumns<N, AT_ONCE>(partial, rows, packs, parts, [=](long long pack) {
        return [=](long long row) {
            Pack<T, N> of = gradient(row, pack * N);
            Sums<A, N> values;
#pragma unroll
            for (int i = 0; i < N; i++) {
                values.of[i] = load(of.data[i]);
            }
            return values;
        };
    });
    auto done = [=](long long pack, const Sums<A, N>& total) {
#pragma unroll
        for (int i = 0; i < N; i++) {
            dbias[pack * N + i] = store<T>(total.of[i]);
        }
    };
    long long tiles = Tile::count(packs);
    finishTiles(finished, tiles, parts, [=](long long tile) { finishColumns<N>(partial, packs, parts, done, tile, tiles); });
}

}  // namespace alborz
