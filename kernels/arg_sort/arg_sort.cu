// The order of the elements of rows; of equal ones, their own.
// pieces: makes a key of each element, an integer of 64 bits in the order of the numbers, and sorts PIECE neighbouring ones. keys and order are
// [rows][width]; `lines` has the rows' first elements in x, whose elements are `stride` apart.
// merge: merges pairs of sorted pieces of each row. An element of the left piece comes before equal ones of the right piece.
#include "../common/types.cuh"
#include "../common/offset_calculator.cuh"

using namespace alborz;

constexpr int PIECE = BLOCK;

// −0 is 0, and NaN is above all.
__device__ __forceinline__ long long ordered(double x) {
    if (x != x) {
        return LARGEST_LONG;
    }
    long long bits = sameBits<long long>(x + 0.0);
    return bits ^ (bits >> 63 & LARGEST_LONG);
}
__device__ __forceinline__ long long ordered(float x) { return ordered((double)x); }
__device__ __forceinline__ long long ordered(int x) { return x; }
__device__ __forceinline__ long long ordered(long long x) { return x; }

template <class T>
__device__ void pieces(
        int descending, const T* x, long long* keys, int* order, const OffsetCalculator& lines, long long rows, int width,
        long long stride) {
    __shared__ long long piece[PIECE];
    long long perRow = ((long long)width + PIECE - 1) / PIECE;
    for (long long number = blockIdx.x; number < rows * perRow; number += gridDim.x) {
        long long row = number / perRow;
        long long first = number % perRow * PIECE;
        int length = width - first < PIECE ? (int)(width - first) : PIECE;
        int own = threadIdx.x;
        long long key = 0;
        if (own < length) {
            key = ordered(load(x[lines.offsets<1>((unsigned)row).at[0] + (first + own) * stride]));
            key = descending ? ~key : key;
        }
        __syncthreads();  // the last piece has been read
        piece[own] = key;
        __syncthreads();
        if (own < length) {
            int rank = 0;
            for (int other = 0; other < length; other++) {
                rank += piece[other] < key || (piece[other] == key && other < own) ? 1 : 0;
            }
            keys[row * width + first + rank] = key;
            order[row * width + first + rank] = (int)first + own;
        }
    }
}

KERNEL(arg_sort_merge, const long long* keys, const int* order, long long* mergedKeys, int* mergedOrder, long long length, int width, long long n) {
    for (long long i = firstElement(); i < n; i += elementStep()) {
        long long row = i / width * width;
        long long key = keys[i];
        long long pair = (i - row) / (2 * length) * (2 * length);
        bool isLeft = i - row - pair < length;
        long long own = isLeft ? pair : pair + length;
        // How many keys of the other piece come first.
        long long from = isLeft ? pair + length : pair;
        long long low = from < width ? from : width;
        long long high = from + length < width ? from + length : width;
        long long start = low;
        while (low < high) {
            long long middle = (low + high) / 2;
            long long other = keys[row + middle];
            if (isLeft ? other < key : other <= key) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        long long into = row + pair + (i - row - own) + (low - start);
        mergedKeys[into] = key;
        mergedOrder[into] = order[i];
    }
}

#define KERNELS(T, name)                                                                                               \
    KERNEL(arg_sort_pieces_##name, int descending, const T* x, long long* keys, int* order, OffsetCalculator lines,    \
            long long rows, int width, long long stride) {                                                             \
        pieces(descending, x, keys, order, lines, rows, width, stride);                                                \
    }
FOR_FLOATING_TYPES(KERNELS)
FOR_INTEGER_TYPES(KERNELS)
