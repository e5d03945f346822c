// Copies and conversions between the floating types and int32, which nets compute in; the folder cast has those of the other types, so
// that a GPU compiles them only where they are used.
#include "../common/conversion.cuh"

using namespace alborz;

#define TO_F32(X, from) COPY_KERNELS(X, from, float, f32)
#define TO_F64(X, from) COPY_KERNELS(X, from, double, f64)
#define TO_F16(X, from) COPY_KERNELS(X, from, f16, f16)
#define TO_BF16(X, from) COPY_KERNELS(X, from, bf16, bf16)
#define TO_I32(X, from) COPY_KERNELS(X, from, int, i32)
#define FOR_COMMON_TYPES(LINE) FOR_FLOATING_TYPES(LINE) LINE(int, i32)
FOR_COMMON_TYPES(TO_F32)
FOR_COMMON_TYPES(TO_F64)
FOR_COMMON_TYPES(TO_F16)
FOR_COMMON_TYPES(TO_BF16)
FOR_COMMON_TYPES(TO_I32)
