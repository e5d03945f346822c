// Copies and conversions from and to int64, uint8 and bool; the folder copy has those of the other types.
#include "../common/conversion.cuh"

using namespace alborz;

#define TO_AND_FROM_I64(X, name) COPY_KERNELS(X, name, long long, i64) COPY_KERNELS(long long, i64, X, name)
#define TO_AND_FROM_U8(X, name) COPY_KERNELS(X, name, unsigned char, u8) COPY_KERNELS(unsigned char, u8, X, name)
#define TO_AND_FROM_B8(X, name) COPY_KERNELS(X, name, bool, b8) COPY_KERNELS(bool, b8, X, name)
#define FOR_COMMON_TYPES(LINE) FOR_FLOATING_TYPES(LINE) LINE(int, i32)
FOR_COMMON_TYPES(TO_AND_FROM_I64)
FOR_COMMON_TYPES(TO_AND_FROM_U8)
FOR_COMMON_TYPES(TO_AND_FROM_B8)
TO_AND_FROM_I64(unsigned char, u8)
TO_AND_FROM_I64(bool, b8)
TO_AND_FROM_U8(bool, b8)
COPY_KERNELS(long long, i64, long long, i64)
COPY_KERNELS(unsigned char, u8, unsigned char, u8)
COPY_KERNELS(bool, b8, bool, b8)
