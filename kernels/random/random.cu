// Uniform and normal numbers, laid down word for word by org.alborz.backend.RandomFill: element i takes word i.
// A thread four elements of one Philox block. Normal numbers are computed in double: float would lose the tails.
#include "../common/math.cuh"
#include "../common/philox.cuh"
#include "../common/types.cuh"

using namespace alborz;

// A number of [0, 1) stays below 1 when it is rounded.
__device__ __forceinline__ float below1(float x) { return x; }
__device__ __forceinline__ double below1(double x) { return x; }
__device__ __forceinline__ f16 below1(f16 x) { return x.bits < 0x3c00 ? x : f16{0x3bff}; }
__device__ __forceinline__ bf16 below1(bf16 x) { return x.bits < 0x3f80 ? x : bf16{0x3f7f}; }

template <class T>
__device__ void uniform(const Random& random, T* y, long long n) {
    for (long long block = firstElement(); block * WORDS < n; block += elementStep()) {
        unsigned words[WORDS];
        random.draw(block, words);
#pragma unroll
        for (int i = 0; i < WORDS; i++) {
            if (block * WORDS + i < n) {
                y[block * WORDS + i] = below1(store<T>((float)upper24(words[i]) * 0x1p-24f));
            }
        }
    }
}

// Box and Muller's transform of two words.
__device__ __forceinline__ void twoNormals(const unsigned* words, double* normals) {
    double radius = math::sqrt(-2 * math::log(((double)words[0] + 1) * 0x1p-32));
    double turns = (double)words[1] * 0x1p-32;
    double sine, cosine;
    sincospi(2 * turns, &sine, &cosine);
    normals[0] = radius * cosine;
    normals[1] = radius * sine;
}

template <class T>
__device__ void normal(const Random& random, T* y, long long n) {
    for (long long block = firstElement(); block * WORDS < n; block += elementStep()) {
        unsigned words[WORDS];
        double normals[WORDS];
        random.draw(block, words);
        twoNormals(words, normals);
        twoNormals(words + 2, normals + 2);
#pragma unroll
        for (int i = 0; i < WORDS; i++) {
            if (block * WORDS + i < n) {
                y[block * WORDS + i] = store<T>(normals[i]);
            }
        }
    }
}

#define KERNELS(T, name)                                                                                              \
    KERNEL(uniform_##name, long long seed, long long stream, long long counter, const unsigned long long* advance,    \
            T* y, long long n) {                                                                                      \
        uniform(Random::of(seed, stream, counter, advance), y, n);                                                    \
    }                                                                                                                 \
    KERNEL(normal_##name, long long seed, long long stream, long long counter, const unsigned long long* advance,     \
            T* y, long long n) {                                                                                      \
        normal(Random::of(seed, stream, counter, advance), y, n);                                                     \
    }
FOR_FLOATING_TYPES(KERNELS)
