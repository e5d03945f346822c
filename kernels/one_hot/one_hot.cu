// y[r, c] = (indices[r] = c) ? 1 : 0, y having any strides. An index outside of the classes is reported; its row is 0.
#include "../common/fault.cuh"
#include "../common/types.cuh"

using namespace alborz;

template <class T>
__device__ void oneHot(
        const int* indices, T* y, long long rows, int classes, long long rowStride, long long columnStride,
        IndexFault* fault) {
    T one = store<T>(1);
    for (long long i = firstElement(); i < rows * classes; i += elementStep()) {
        long long row = i / classes;
        int c = (int)(i % classes);
        int index = indices[row];
        isOutside(index, classes, row, fault);
        y[row * rowStride + c * columnStride] = index == c ? one : T{};
    }
}

#define KERNELS(T, name)                                                                                               \
    KERNEL(one_hot_##name, const int* indices, T* y, long long rows, int classes, long long rowStride,                 \
            long long columnStride, IndexFault* fault) {                                                               \
        oneHot(indices, y, rows, classes, rowStride, columnStride, fault);                                             \
    }
FOR_ALL_TYPES(KERNELS)
