// Many copies of bytes in one launch. A block takes one piece of a copy at a time; which one it is stands in the list, which is an
// argument of the kernel. No copy writes what another one reads or writes.
#include "../common/kernel.cuh"

using namespace alborz;

constexpr int MOST_COPIES = 96;
constexpr int PIECE = 16384;

// Copies and where their pieces begin: the first piece of copy i is firstPiece[i].
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

KERNEL(copy_batch, CopyBatch batch) {
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
        long long bytes = rest < PIECE ? rest : PIECE;
        const char* from = reinterpret_cast<const char*>(batch.from[low]) + start;
        char* to = reinterpret_cast<char*>(batch.to[low]) + start;
        long long alignment = batch.from[low] | batch.to[low] | bytes;
        if (alignment % 16 == 0) {
            copyAs<Sixteen>(from, to, bytes);
        } else if (alignment % 4 == 0) {
            copyAs<unsigned>(from, to, bytes);
        } else {
            copyAs<unsigned char>(from, to, bytes);
        }
    }
}
