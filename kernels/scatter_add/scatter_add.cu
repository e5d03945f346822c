// Sets y to 0 and adds x[…, k, …] to y[…, indices[k], …] in the order of k. Over the other axes of x and y: each of its
// elements is one thread's, so the order is kept without atomics. y holds what T is computed in. An index outside is reported and
// skipped.
#include "../common/fault.cuh"
#include "../common/types.cuh"
#include "../common/offset_calculator.cuh"

using namespace alborz;

template <class T>
__device__ void scatterAdd(
        const T* x, const int* indices, Arithmetic<T>* y, const OffsetCalculator& others, int size, int count, long long xStride,
        long long yStride, long long columns, IndexFault* fault) {
    for (long long i = firstElement(); i < columns; i += elementStep()) {
        auto offset = others.offsets<2>((unsigned)i);
        for (int index = 0; index < size; index++) {
            y[offset.at[1] + index * yStride] = 0;
        }
        for (int k = 0; k < count; k++) {
            int index = indices[k];
            if (!isOutside(index, size, k, fault)) {
                y[offset.at[1] + index * yStride] += load(x[offset.at[0] + k * xStride]);
            }
        }
    }
}

#define KERNELS(T, name)                                                                                               \
    KERNEL(scatter_add_##name, const T* x, const int* indices, Arithmetic<T>* y, OffsetCalculator others, int size,    \
            int count, long long xStride, long long yStride, long long columns, IndexFault* fault) {                   \
        scatterAdd(x, indices, y, others, size, count, xStride, yStride, columns, fault);                              \
    }
FOR_FLOATING_TYPES(KERNELS)
