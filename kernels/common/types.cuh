// The types of elements, what they are computed in, and the conversions between them.
// Half precision is a struct of bits: no CUDA header is needed, and no operator computes in it by accident.
#pragma once

#include "kernel.cuh"

// One line for each type: its name in C++ and in the kernels' names.
#define FOR_FLOATING_TYPES(LINE) LINE(float, f32) LINE(double, f64) LINE(f16, f16) LINE(bf16, bf16)
#define FOR_ALL_TYPES(LINE) FOR_FLOATING_TYPES(LINE) LINE(int, i32)

namespace alborz {

struct f16 {
    unsigned short bits;
};

struct bf16 {
    unsigned short bits;
};

template <class To, class From>
__device__ __forceinline__ To sameBits(From from) {
    static_assert(sizeof(To) == sizeof(From), "a reinterpretation keeps the size");
    union {
        From from;
        To to;
    } both;
    both.from = from;
    return both.to;
}

// What arithmetic on elements of a type is done in.
template <class T>
struct ArithmeticOf {
    using type = T;
};
template <>
struct ArithmeticOf<f16> {
    using type = float;
};
template <>
struct ArithmeticOf<bf16> {
    using type = float;
};
template <class T>
using Arithmetic = typename ArithmeticOf<T>::type;

// How often loops over functions such as exp are unrolled. Those of double are long, and the driver has to compile them.
template <class A>
constexpr int UNROLL = sizeof(A) == sizeof(double) ? 1 : 2;

__device__ __forceinline__ float load(float x) { return x; }
__device__ __forceinline__ double load(double x) { return x; }
__device__ __forceinline__ int load(int x) { return x; }
__device__ __forceinline__ float load(unsigned char x) { return x; }

__device__ __forceinline__ float load(bf16 x) {
    return sameBits<float>((unsigned)x.bits << 16);
}

__device__ __forceinline__ float load(f16 x) {
#ifndef ALBORZ_HOST
    float y;
    asm("cvt.f32.f16 %0, %1;" : "=f"(y) : "h"(x.bits));
    return y;
#else
    unsigned sign = (x.bits & 0x8000u) << 16;
    unsigned rest = x.bits & 0x7fffu;
    if (rest < 0x400u) {  // a multiple of the smallest subnormal
        return sameBits<float>(sign | sameBits<unsigned>(rest * 0x1p-24f));
    }
    unsigned bias = rest < 0x7c00u ? 0x38000000u : 0x70000000u;
    return sameBits<float>(sign | ((rest << 13) + bias));
#endif
}

// The nearest number of half precision, the even one of two.
__device__ __forceinline__ f16 toF16(float x) {
#ifndef ALBORZ_HOST
    f16 y;
    asm("cvt.rn.f16.f32 %0, %1;" : "=h"(y.bits) : "f"(x));
    return y;
#else
    unsigned sign = sameBits<unsigned>(x) >> 16 & 0x8000u;
    unsigned rest = sameBits<unsigned>(x) & 0x7fffffffu;
    unsigned bits;
    if (rest > 0x7f800000u) {
        bits = 0x7fffu;  // NaN, as the GPU writes it
    } else if (rest >= 0x477ff000u) {
        bits = 0x7c00u;
    } else if (rest < 0x38800000u) {  // subnormal: next to 0.5, a float's last bit is worth 2^-24
        bits = sameBits<unsigned>(sameBits<float>(rest) + 0.5f) - 0x3f000000u;
    } else {
        bits = (rest - 0x38000000u + 0xfffu + (rest >> 13 & 1u)) >> 13;
    }
    return {(unsigned short)(sign | bits)};
#endif
}

__device__ __forceinline__ bf16 toBf16(float x) {
    unsigned bits = sameBits<unsigned>(x);
    if ((bits & 0x7fffffffu) > 0x7f800000u) {
        return {0x7fff};
    }
    return {(unsigned short)((bits + 0x7fffu + (bits >> 16 & 1u)) >> 16)};
}

// Rounds so that rounding again to half precision gives what rounding once would: an inexact result gets an odd last bit.
__device__ __forceinline__ float roundToOdd(double x) {
    float y = (float)x;
    if (y == x || x != x) {
        return y;
    }
    unsigned bits = sameBits<unsigned>(y);
    bool tooLarge = (y < 0 ? -(double)y : (double)y) > (x < 0 ? -x : x);
    return sameBits<float>((tooLarge ? bits - 1 : bits) | 1u);
}

// Truncates; what does not fit becomes the nearest integer that does, and NaN 0.
template <class A>
__device__ __forceinline__ int truncated(A x) {
    if (x != x) {
        return 0;
    }
    return x >= (A)2147483648.0 ? 2147483647 : x <= (A)-2147483648.0 ? -2147483647 - 1 : (int)x;
}

// Makes an element of what was computed.
template <class T, class A>
struct Stored;
template <class A>
struct Stored<float, A> {
    __device__ __forceinline__ static float of(A x) { return (float)x; }
};
template <class A>
struct Stored<double, A> {
    __device__ __forceinline__ static double of(A x) { return (double)x; }
};
template <>
struct Stored<int, int> {
    __device__ __forceinline__ static int of(int x) { return x; }
};
template <class A>
struct Stored<int, A> {
    __device__ __forceinline__ static int of(A x) { return truncated(x); }
};
template <class A>
struct Stored<f16, A> {
    __device__ __forceinline__ static f16 of(A x) { return toF16(roundToOdd((double)x)); }
};
template <>
struct Stored<f16, float> {
    __device__ __forceinline__ static f16 of(float x) { return toF16(x); }
};
template <class A>
struct Stored<bf16, A> {
    __device__ __forceinline__ static bf16 of(A x) { return toBf16(roundToOdd((double)x)); }
};
template <>
struct Stored<bf16, float> {
    __device__ __forceinline__ static bf16 of(float x) { return toBf16(x); }
};

template <class T, class A>
__device__ __forceinline__ T store(A x) {
    return Stored<T, A>::of(x);
}

}  // namespace alborz
