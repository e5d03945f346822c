// Elements at places along an axis that indices tell, an index for each element.
// take: y = x[…, index, …], over the elements of y: operand 0, x with stride 0 along the axis, operand 1, the indices, operand 2, y. An index
// outside is reported and 0 written.
// places: for each index where it is in y, whose stride along the axis is `stride`: over the indices, operand 1, with operand 0, y with stride
// 0 along the axis. An index outside is reported and gives −1.
// scatter: with the keys that scatter_add_sort and scatter_add_merge make of these places, writes the last x of each place to y.
#include "../common/fault.cuh"
#include "../common/types.cuh"
#include "../common/offset_calculator.cuh"

using namespace alborz;

template <class T>
__device__ void take(
        const T* x, const int* indices, T* y, const OffsetCalculator& axes, int size, long long stride, long long n,
        IndexFault* fault) {
    for (long long i = firstElement(); i < n; i += elementStep()) {
        auto offset = axes.offsets<3>((unsigned)i);
        int index = indices[offset.at[1]];
        y[offset.at[2]] = isOutside(index, size, offset.at[1], fault) ? T{} : x[offset.at[0] + index * stride];
    }
}

KERNEL(along_axis_places, const int* indices, int* places, OffsetCalculator axes, int size, long long stride, long long n, IndexFault* fault) {
    for (long long i = firstElement(); i < n; i += elementStep()) {
        auto offset = axes.offsets<2>((unsigned)i);
        int index = indices[offset.at[1]];
        places[offset.at[1]] = isOutside(index, size, offset.at[1], fault) ? -1 : (int)(offset.at[0] + index * stride);
    }
}

template <class T>
__device__ void scatter(const T* x, const long long* keys, T* y, int size, int count) {
    for (long long i = firstElement(); i < count; i += elementStep()) {
        int place = (int)(keys[i] >> 32);
        bool isLast = i + 1 == count || (int)(keys[i + 1] >> 32) != place;
        if (isLast && place < size) {
            y[place] = x[keys[i] & 0xffffffffLL];
        }
    }
}

#define KERNELS(T, name)                                                                                               \
    KERNEL(take_along_axis_##name, const T* x, const int* indices, T* y, OffsetCalculator axes, int size,              \
            long long stride, long long n, IndexFault* fault) {                                                        \
        take(x, indices, y, axes, size, stride, n, fault);                                                             \
    }                                                                                                                  \
    KERNEL(scatter_along_axis_##name, const T* x, const long long* keys, T* y, int size, int count) {                  \
        scatter(x, keys, y, size, count);                                                                              \
    }
FOR_ALL_TYPES(KERNELS)
