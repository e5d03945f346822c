// Adds x[…, k, …] to y[…, indices[k], …], where y is 0 before and holds what T is computed in; deterministic, without atomics.
// sort, merge: for each k the key indices[k]·2³² + k, in ascending order, so that the terms of an index are neighbours, in the order of k;
// first pieces of PIECE keys, then pairs of sorted pieces until there is one. An index outside is reported and comes last, as `size`.
// scatter_add: RUN neighbouring keys are a run. Over the other axes of x and y, each column of each run is one thread's, which adds up
// the terms of an index in their order. The sum goes to y, but that of an index whose terms began in an earlier run to partial
// [runs][columns].
// join: adds these to y in the order of the runs.
// So the terms of an index are added in the order of k within a run, and then run by run: an order that depends on the indices alone.
#include "../common/fault.cuh"
#include "../common/types.cuh"
#include "../common/offset_calculator.cuh"

using namespace alborz;

constexpr int PIECE = BLOCK;
constexpr int RUN = 64;

__device__ __forceinline__ int indexOf(long long key) {
    return (int)(key >> 32);
}

// Whether the terms of the index at `place`, the first of a run, began before it.
__device__ __forceinline__ bool continues(const long long* keys, long long place) {
    return place > 0 && indexOf(keys[place - 1]) == indexOf(keys[place]);
}

KERNEL(scatter_add_sort, const int* indices, long long* keys, int size, int count, IndexFault* fault) {
    __shared__ long long piece[PIECE];
    for (long long first = blockIdx.x * (long long)PIECE; first < count; first += gridDim.x * (long long)PIECE) {
        int length = count - first < PIECE ? (int)(count - first) : PIECE;
        int own = threadIdx.x;
        long long key = 0;
        if (own < length) {
            int index = indices[first + own];
            key = (long long)(isOutside(index, size, first + own, fault) ? size : index) << 32 | (first + own);
        }
        __syncthreads();  // the last piece has been read
        piece[own] = key;
        __syncthreads();
        if (own < length) {
            int rank = 0;
            for (int other = 0; other < length; other++) {
                rank += piece[other] < key ? 1 : 0;
            }
            keys[first + rank] = key;
        }
    }
}

KERNEL(scatter_add_merge, const long long* keys, long long* merged, long long width, int count) {
    for (long long i = firstElement(); i < count; i += elementStep()) {
        long long key = keys[i];
        long long pair = i / (2 * width) * (2 * width);
        bool isLeft = i - pair < width;
        long long own = isLeft ? pair : pair + width;
        // How many keys of the other piece come first.
        long long from = isLeft ? pair + width : pair;
        long long low = from < count ? from : count;
        long long high = from + width < count ? from + width : count;
        long long start = low;
        while (low < high) {
            long long middle = (low + high) / 2;
            if (keys[middle] < key) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        merged[pair + (i - own) + (low - start)] = key;
    }
}

template <class T>
__device__ void addRuns(
        const T* x, const long long* keys, Arithmetic<T>* y, Arithmetic<T>* partial, const OffsetCalculator& others, int size,
        int count, long long xStride, long long yStride, long long columns) {
    using A = Arithmetic<T>;
    long long runs = ((long long)count + RUN - 1) / RUN;
    for (long long i = firstElement(); i < runs * columns; i += elementStep()) {
        long long run = i / columns;
        auto offset = others.offsets<2>((unsigned)(i % columns));
        long long from = run * RUN;
        long long to = from + RUN < count ? from + RUN : count;
        bool began = continues(keys, from);
        int index = indexOf(keys[from]);
        A sum = 0;
        for (long long place = from; place <= to; place++) {
            int next = place < to ? indexOf(keys[place]) : -1;
            if (next != index) {
                if (index < size) {
                    *(began ? &partial[i] : &y[offset.at[1] + index * yStride]) = sum;
                }
                began = false;
                index = next;
                sum = 0;
            }
            if (next >= 0 && next < size) {
                long long k = keys[place] & 0xffffffffLL;
                sum += load(x[offset.at[0] + k * xStride]);
            }
        }
    }
}

template <class T>
__device__ void join(
        const long long* keys, const Arithmetic<T>* partial, Arithmetic<T>* y, const OffsetCalculator& others, int size,
        int count, long long yStride, long long columns) {
    long long runs = ((long long)count + RUN - 1) / RUN;
    for (long long i = firstElement(); i < runs * columns; i += elementStep()) {
        long long run = i / columns;
        long long from = run * RUN;
        long long end = from + RUN;
        if (end >= count) {
            continue;
        }
        int index = indexOf(keys[end - 1]);
        bool beganBefore = indexOf(keys[from]) == index && continues(keys, from);
        if (index >= size || beganBefore || !continues(keys, end)) {
            continue;
        }
        long long column = i % columns;
        auto* total = &y[others.offsets<2>((unsigned)column).at[1] + index * yStride];
        auto sum = *total;
        for (long long next = run + 1; next < runs && indexOf(keys[next * RUN]) == index; next++) {
            sum += partial[next * columns + column];
        }
        *total = sum;
    }
}

#define KERNELS(T, name)                                                                                               \
    KERNEL(scatter_add_##name, const T* x, const long long* keys, Arithmetic<T>* y, Arithmetic<T>* partial,            \
            OffsetCalculator others, int size, int count, long long xStride, long long yStride, long long columns) {   \
        addRuns(x, keys, y, partial, others, size, count, xStride, yStride, columns);                                  \
    }                                                                                                                  \
    KERNEL(scatter_add_join_##name, const long long* keys, const Arithmetic<T>* partial, Arithmetic<T>* y,             \
            OffsetCalculator others, int size, int count, long long yStride, long long columns) {                      \
        join<T>(keys, partial, y, others, size, count, yStride, columns);                                              \
    }
FOR_FLOATING_TYPES(KERNELS)
