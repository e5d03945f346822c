// Philox4x32-10 (Salmon et al. 2011), word for word as org.alborz.random.Philox.
#pragma once

#include "kernel.cuh"

namespace alborz {

constexpr int WORDS = 4;

// A key, moved on by what a replayed graph has drawn before.
struct Random {
    unsigned long long seed;
    unsigned long long stream;
    unsigned long long counter;

    __device__ __forceinline__ static Random of(
            long long seed, long long stream, long long counter, const unsigned long long* advance) {
        return {(unsigned long long)seed, (unsigned long long)stream, (unsigned long long)counter + *advance};
    }

    // The four words at counter + block.
    __device__ __forceinline__ void draw(unsigned long long block, unsigned* words) const {
        unsigned long long at = counter + block;
        unsigned x0 = (unsigned)at, x1 = (unsigned)(at >> 32), x2 = (unsigned)stream, x3 = (unsigned)(stream >> 32);
        unsigned k0 = (unsigned)seed, k1 = (unsigned)(seed >> 32);
#pragma unroll
        for (int round = 0; round < 10; round++) {
            unsigned long long p0 = (unsigned long long)0xD2511F53u * x0;
            unsigned long long p1 = (unsigned long long)0xCD9E8D57u * x2;
            x0 = (unsigned)(p1 >> 32) ^ x1 ^ k0;
            x2 = (unsigned)(p0 >> 32) ^ x3 ^ k1;
            x1 = (unsigned)p1;
            x3 = (unsigned)p0;
            k0 += 0x9E3779B9u;
            k1 += 0xBB67AE85u;
        }
        words[0] = x0, words[1] = x1, words[2] = x2, words[3] = x3;
    }
};

// The upper 24 bits of a word.
__device__ __forceinline__ unsigned upper24(unsigned word) {
    return word >> 8;
}

}  // namespace alborz
