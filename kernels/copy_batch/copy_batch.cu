// Many copies in one launch: of bytes, or of numbers of 16 bits to float32. A block takes one piece of a copy at a time; which one it is stands
// in the list, which is an argument of the kernel. No copy writes what another one reads or writes.
#include "../common/pack.cuh"

using namespace alborz;

constexpr int MOST_COPIES = 120;
constexpr int PIECE = 16384;

// Copies, the bytes that each reads, and where their pieces begin: the first piece of copy i is firstPiece[i].
struct CopyBatch {
    long long from[MOST_COPIES];
    long long to[MOST_COPIES];
    long long bytes[MOST_COPIES];
    int firstPiece[MOST_COPIES];
    int count, pieces;
};

struct alignas(16) Sixteen {
    unsigned words[4];
};

template <class T>
__device__ __forceinline__ void copyAs(const char* from, char* to, long long bytes) {
    for (long long i = threadIdx.x; i < bytes / (long long)sizeof(T); i += BLOCK) {
        reinterpret_cast<T*>(to)[i] = reinterpret_cast<const T*>(from)[i];
    }
}

template <class X>
__device__ __forceinline__ void convert(const X* from, float* to, long long n) {
    constexpr int N = lanes<X>();
    long long packed = isAligned<N>(from) && isAligned<N>(to) ? n / N * N : 0;
    for (long long i = threadIdx.x * N; i < packed; i += BLOCK * N) {
        auto pack = loadPack<N>(from + i);
        Pack<float, N> converted;
#pragma unroll
        for (int k = 0; k < N; k++) {
            converted.data[k] = load(pack.data[k]);
        }
        storePack(to + i, converted);
    }
    for (long long i = packed + threadIdx.x; i < n; i += BLOCK) {
        to[i] = load(from[i]);
    }
}

// Calls body(copy, start, bytes) for each piece of this block, which begins `start` bytes after what the copy reads.
template <class Body>
__device__ __forceinline__ void forPieces(const CopyBatch& batch, Body body) {
    for (int piece = blockIdx.x; piece < batch.pieces; piece += gridDim.x) {
        int low = 0;
        int high = batch.count - 1;
        while (low < high) {
            int middle = (low + high + 1) / 2;
            if (batch.firstPiece[middle] <= piece) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        long long start = (long long)(piece - batch.firstPiece[low]) * PIECE;
        long long rest = batch.bytes[low] - start;
        body(low, start, rest < PIECE ? rest : PIECE);
    }
}

KERNEL(copy_batch, CopyBatch batch) {
    forPieces(batch, [&](int i, long long start, long long bytes) {
        const char* from = reinterpret_cast<const char*>(batch.from[i]) + start;
        char* to = reinterpret_cast<char*>(batch.to[i]) + start;
        long long alignment = batch.from[i] | batch.to[i] | bytes;
        if (alignment % 16 == 0) {
            copyAs<Sixteen>(from, to, bytes);
        } else if (alignment % 4 == 0) {
            copyAs<unsigned>(from, to, bytes);
        } else {
            copyAs<unsigned char>(from, to, bytes);
        }
    });
}

#define KERNELS(T, name)                                                                     \
    KERNEL(convert_batch_##name, CopyBatch batch) {                                          \
        forPieces(batch, [&](int i, long long start, long long bytes) {                      \
            long long at = start / (long long)sizeof(T);                                     \
            long long n = bytes / (long long)sizeof(T);                                      \
            const T* from = reinterpret_cast<const T*>(batch.from[i]) + at;                  \
            convert(from, reinterpret_cast<float*>(batch.to[i]) + at, n);                    \
        });                                                                                  \
    }
KERNELS(f16, f16)
KERNELS(bf16, bf16)
