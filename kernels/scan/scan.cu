// Along lines, whose first elements `lines` has in x (operand 0), y (operand 1) and a (operand 2), each with a stride of its own, negative ones in
// reverse.
// sum: y[i] = y[i − 1] + x[i]. A block a line: 256 elements are added up in eight steps, each adding what is 1, 2, 4, … elements before, and then
// what came before them.
// recurrence: y[i] = a[i]·y[i − 1] + x[i], one after the other. A thread a line, since joined factors could overflow where no result does.
#include "../common/types.cuh"
#include "../common/offset_calculator.cuh"

using namespace alborz;

template <class T>
__device__ void sums(
        const T* x, T* y, const OffsetCalculator& lines, long long count, int size, long long xStride, long long yStride) {
    using A = Arithmetic<T>;
    __shared__ A added[2][BLOCK];
    int own = threadIdx.x;
    for (long long line = blockIdx.x; line < count; line += gridDim.x) {
        auto offset = lines.offsets<2>((unsigned)line);
        A before = 0;
        for (int first = 0; first < size; first += BLOCK) {
            bool inside = first + own < size;
            A sum = inside ? load(x[offset.at[0] + (first + own) * xStride]) : (A)0;
            int side = 0;
            __syncthreads();  // the last sums have been read
            added[0][own] = sum;
            __syncthreads();
            for (int distance = 1; distance < BLOCK; distance *= 2) {
                sum = own >= distance ? added[side][own - distance] + added[side][own] : added[side][own];
                side = 1 - side;
                added[side][own] = sum;
                __syncthreads();
            }
            if (inside) {
                y[offset.at[1] + (first + own) * yStride] = store<T>(before + sum);
            }
            before += added[side][BLOCK - 1];
        }
    }
}

template <class T>
__device__ void recurrence(
        const T* a, const T* x, T* y, const OffsetCalculator& lines, long long count, int size, long long aStride,
        long long xStride, long long yStride) {
    for (long long line = firstElement(); line < count; line += elementStep()) {
        auto offset = lines.offsets<3>((unsigned)line);
        Arithmetic<T> value = 0;
        for (int i = 0; i < size; i++) {
            auto term = load(x[offset.at[0] + i * xStride]);
            value = i == 0 ? term : value * load(a[offset.at[2] + i * aStride]) + term;
            y[offset.at[1] + i * yStride] = store<T>(value);
        }
    }
}

#define SUMS(T, name)                                                                                                  \
    KERNEL(scan_sum_##name, const T* x, T* y, OffsetCalculator lines, long long count, int size, long long xStride,    \
            long long yStride) {                                                                                       \
        sums(x, y, lines, count, size, xStride, yStride);                                                              \
    }
#define RECURRENCES(T, name)                                                                                           \
    KERNEL(scan_recurrence_##name, const T* a, const T* x, T* y, OffsetCalculator lines, long long count, int size,    \
            long long aStride, long long xStride, long long yStride) {                                                 \
        recurrence(a, x, y, lines, count, size, aStride, xStride, yStride);                                            \
    }
FOR_FLOATING_TYPES(SUMS)
SUMS(long long, i64)
FOR_FLOATING_TYPES(RECURRENCES)
