// The functions of <math.h> under one name for float and double, in full precision.
#pragma once

#include "kernel.cuh"

namespace alborz {
namespace math {

#define FUNCTION(name)                                                               \
    __device__ __forceinline__ float name(float x) { return ::name##f(x); }          \
    __device__ __forceinline__ double name(double x) { return ::name(x); }
FUNCTION(exp)
FUNCTION(expm1)
FUNCTION(log)
FUNCTION(sqrt)
FUNCTION(sin)
FUNCTION(cos)
FUNCTION(tanh)
FUNCTION(erf)
FUNCTION(erfc)
FUNCTION(floor)
FUNCTION(ceil)
FUNCTION(rint)
FUNCTION(trunc)
FUNCTION(log1p)
FUNCTION(tan)
FUNCTION(asin)
FUNCTION(acos)
FUNCTION(atan)
FUNCTION(sinh)
FUNCTION(cosh)
FUNCTION(asinh)
FUNCTION(acosh)
FUNCTION(atanh)
#undef FUNCTION

__device__ __forceinline__ float pow(float x, float y) { return ::powf(x, y); }
__device__ __forceinline__ double pow(double x, double y) { return ::pow(x, y); }
__device__ __forceinline__ float fmod(float x, float y) { return ::fmodf(x, y); }
__device__ __forceinline__ double fmod(double x, double y) { return ::fmod(x, y); }
__device__ __forceinline__ float atan2(float y, float x) { return ::atan2f(y, x); }
__device__ __forceinline__ double atan2(double y, double x) { return ::atan2(y, x); }
__device__ __forceinline__ float copysign(float x, float y) { return ::copysignf(x, y); }
__device__ __forceinline__ double copysign(double x, double y) { return ::copysign(x, y); }
__device__ __forceinline__ float fma(float x, float y, float z) { return ::fmaf(x, y, z); }
__device__ __forceinline__ double fma(double x, double y, double z) { return ::fma(x, y, z); }

template <class A>
__device__ __forceinline__ A infinity() {
    return (A)__builtin_huge_val();
}

// The larger, NaN if either is.
template <class A>
__device__ __forceinline__ A maximum(A a, A b) {
    return a > b || a != a ? a : b;
}

// The smaller, NaN if either is.
template <class A>
__device__ __forceinline__ A minimum(A a, A b) {
    return a < b || a != a ? a : b;
}

// The larger of x and 0; NaN stays NaN.
template <class A>
__device__ __forceinline__ A relu(A x) {
    return x < 0 ? (A)0 : x;
}

}  // namespace math

}  // namespace alborz
