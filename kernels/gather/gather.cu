// y[…, k, …] = x[…, indices[k], …] along one axis, for operands of any strides: over the axes of y, in which that axis is number `axis`
// and operand 0, x, has stride 0 along it. An index outside is reported and 0 written.
#include "../common/fault.cuh"
#include "../common/types.cuh"
#include "../common/offset_calculator.cuh"

using namespace alborz;

template <class T>
__device__ void gather(
        const T* x, const int* indices, T* y, const OffsetCalculator& axes, int axis, int size, long long xStride, long long n,
        IndexFault* fault) {
    for (long long i = firstElement(); i < n; i += elementStep()) {
        long long from = 0;
        long long to = 0;
        int k = 0;
        axes.forEachAxis((unsigned)i, [&](int at, int index) {
            from += (long long)index * axes.stride[0][at];
            to += (long long)index * axes.stride[1][at];
            k = at == axis ? index : k;
        });
        int index = indices[k];
        y[to] = isOutside(index, size, k, fault) ? T{} : x[from + index * xStride];
    }
}

#define KERNELS(T, name)                                                                                               \
    KERNEL(gather_##name, const T* x, const int* indices, T* y, OffsetCalculator axes, int axis, int size,             \
            long long xStride, long long n, IndexFault* fault) {                                                       \
        gather(x, indices, y, axes, axis, size, xStride, n, fault);                                                    \
    }
FOR_ALL_TYPES(KERNELS)
