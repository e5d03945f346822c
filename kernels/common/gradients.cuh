// The gradients of an optimizer's step, float32 in a flat buffer, of which parts may still be of 16 bits elsewhere, where the backward pass
// has written them. The step converts those parts and writes them to the flat buffer on the way, and a copy of the new values in 16 bits. A
// block takes one piece of a part at a time.
#pragma once

#include "pack.cuh"

namespace alborz {

constexpr int MOST_PARTS = 192;
constexpr int PART_PIECE = 4096;

// Parts that cover all gradients, in their order: where each one's numbers of 16 bits are, or 0 where they are in the flat buffer already;
// the element it begins at; and where its pieces begin. start[count] is the number of all elements.
struct GradientParts {
    long long from[MOST_PARTS];
    int start[MOST_PARTS + 1];
    int firstPiece[MOST_PARTS];
    int count, pieces, unused;
};

template <int N, class H>
__device__ __forceinline__ Pack<float, N> convertedPack(const H* from, float* to) {
    auto pack = loadPack<N>(from);
    Pack<float, N> converted;
#pragma unroll
    for (int k = 0; k < N; k++) {
        converted.data[k] = load(pack.data[k]);
    }
    storePack(to, converted);
    return converted;
}

// Calls step.step(at, gradients) for all elements of one flat buffer.
template <class Step, class T>
__device__ __forceinline__ void inPacks(const Step& step, const T* gradient, long long n) {
    constexpr int N = lanes<T>();
    inPacks<N>(n, step.template aligned<N>() && isAligned<N>(gradient), [&](long long at, auto width) {
        step.step(at, loadPack<decltype(width)::count>(gradient + at));
    });
}

// Does the step for the elements from `begin` to before `end` of a part that starts at `start`, unless it is none, and writes the values
// that step.step(at, gradients) returns, or that there are, to `copy`, unless that is null.
template <int N, class H, class Step>
__device__ __forceinline__ void inPart(const Step& step, bool none, const H* from, float* flat, H* copy,
        long long start, long long begin, long long end) {
    for (long long at = begin + threadIdx.x * N; at < end; at += BLOCK * N) {
        auto gradients = from == nullptr ? loadPack<N>(flat + at) : convertedPack<N>(from + (at - start), flat + at);
        auto values = none ? loadPack<N>(step.value + at) : step.step(at, gradients);
        if (copy != nullptr) {
            Pack<H, N> narrow;
#pragma unroll
            for (int k = 0; k < N; k++) {
                narrow.data[k] = store<H>(values.data[k]);
            }
            storePack(copy + at, narrow);
        }
    }
}

// Does the step for all elements. What is converted of the gradient is written to it.
template <class H, class Step>
__device__ __forceinline__ void inParts(
        const Step& step, bool none, const float* gradient, const GradientParts& parts, H* copy) {
    constexpr int N = lanes<float>();
    float* flat = const_cast<float*>(gradient);
    bool aligned = step.template aligned<N>() && isAligned<N>(flat) && isAligned<N>(copy);
    for (int piece = blockIdx.x; piece < parts.pieces; piece += gridDim.x) {
        int low = 0;
        int high = parts.count - 1;
        while (low < high) {
            int middle = (low + high + 1) / 2;
            if (parts.firstPiece[middle] <= piece) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        const H* from = reinterpret_cast<const H*>(parts.from[low]);
        long long start = parts.start[low];
        long long begin = start + (long long)(piece - parts.firstPiece[low]) * PART_PIECE;
        long long last = parts.start[low + 1];
        long long end = last - begin < PART_PIECE ? last : begin + PART_PIECE;
        bool packs = aligned && begin % N == 0 && (from == nullptr || isAligned<N>(from + (begin - start)));
        long long packed = packs ? begin + (end - begin) / N * N : begin;
        inPart<N>(step, none, from, flat, copy, start, begin, packed);
        inPart<1>(step, none, from, flat, copy, start, packed, end);
    }
}

}  // namespace alborz
