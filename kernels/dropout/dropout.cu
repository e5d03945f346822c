// y = u ≥ rate ? x / (1 − rate) : 0, element i in memory order taking word i; threshold is ⌈rate·2^24⌉ and scale 1 / (1 − rate).
// A thread four elements of one Philox block, moved at once where the addresses allow it. y may be x.
#include "../common/pack.cuh"
#include "../common/philox.cuh"

using namespace alborz;

template <class T>
__device__ void dropout(const Random& random, int threshold, double scale, const T* x, T* y, long long n) {
    auto masked = [=](unsigned word, T element) {
        return upper24(word) < (unsigned)threshold ? T{} : store<T>(load(element) * (Arithmetic<T>)scale);
    };
    bool aligned = isAligned<WORDS>(x) && isAligned<WORDS>(y);
    for (long long block = firstElement(); block * WORDS < n; block += elementStep()) {
        long long at = block * WORDS;
        unsigned words[WORDS];
        random.draw(block, words);
        if (aligned && at + WORDS <= n) {
            auto pack = loadPack<WORDS>(x + at);
#pragma unroll
            for (int i = 0; i < WORDS; i++) {
                pack.data[i] = masked(words[i], pack.data[i]);
            }
            storePack(y + at, pack);
        } else {
#pragma unroll
            for (int i = 0; i < WORDS; i++) {
                if (at + i < n) {
                    y[at + i] = masked(words[i], x[at + i]);
                }
            }
        }
    }
}

#define KERNELS(T, name)                                                                                              \
    KERNEL(dropout_##name, long long seed, long long stream, long long counter, const unsigned long long* advance,    \
            int threshold, double scale, const T* x, T* y, long long n) {                                             \
        dropout(Random::of(seed, stream, counter, advance), threshold, scale, x, y, n);                               \
    }
FOR_FLOATING_TYPES(KERNELS)
