// What the kernels of batch_norm and of batch_norm_whole share of the gradient.
#pragma once

#include "normalization.cuh"
#include "pack.cuh"

namespace alborz {

// The bits of a gate from an element on.
template <class T>
__device__ __forceinline__ unsigned gateBits(const unsigned char* gate, long long at) {
    return gate[at / lanes<T>()] >> (at % lanes<T>());
}

// Joins the parts of every `step`-th tile of channels from `first` on.
template <class A, class P>
__device__ __forceinline__ void joinGradients(
        const A* partial, P* dgamma, P* dbeta, A* sums, long long rows, long long channels, int parts, long long first,
        long long step) {
    auto done = [=](long long channel, Sums<A, 3> total) {
        A lost = total.of[2] / (A)rows;
        lost = lost - lost == 0 ? lost : 0;
        A product = lost == 0 ? total.of[0] : total.of[0] - lost * total.of[1];
        dgamma[channel] = store<P>(product);
        dbeta[channel] = store<P>(total.of[1]);
        sums[channel] = product;
        sums[channels + channel] = lost == 0 ? total.of[1] : total.of[1] - lost * product;
    };
    finishColumns<3>(partial, channels, parts, done, first, step);
}

}  // namespace alborz
