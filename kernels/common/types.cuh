// The types of elements, what they are computed in, and the conversions between them.
// Half precision is a struct of bits: no CUDA header is needed, and no operator computes in it by accident.
#pragma once

#include "kernel.cuh"

// One line for each type: its name in C++ and in the kernels' names.
#define FOR_FLOATING_TYPES(LINE) LINE(float, f32) LINE(double, f64) LINE(f16, f16) LINE(bf16, bf16)
#define FOR_INTEGER_TYPES(LINE) LINE(int, i32) LINE(long long, i64)
#define FOR_BYTE_TYPES(LINE) LINE(unsigned char, u8) LINE(bool, b8)
#define FOR_ALL_TYPES(LINE) FOR_FLOATING_TYPES(LINE) FOR_INTEGER_TYPES(LINE) FOR_BYTE_TYPES(LINE)

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
__device__ __forceinline__ long long load(long long x) { return x; }
__device__ __forceinline__ float load(unsigned char x) { return x; }
__device__ __forceinline__ float load(bool x) { return x ? 1.0f : 0.0f; }

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

// The same for integers: a double that is on the same side of every number of half precision, and of every tie between two.
__device__ __forceinline__ double roundToOdd(long long x) {
    long long rest = x & 0x7ff;
    bool fits = x < 1LL << 53 && x > -(1LL << 53);
    return (double)(fits || rest == 0 ? x : x - rest + 0x400);
}

// Truncates a floating number to [low, high], of which (A)low is exact and `above` is high + 1; NaN becomes 0.
template <class T, class A>
__device__ __forceinline__ T truncated(A x, T low, T high, A above) {
    if (x != x) {
        return 0;
    }
    return x >= above ? high : x <= (A)low ? low : (T)x;
}

// The nearest number of [low, high].
template <class T, class A>
__device__ __forceinline__ T clamped(A x, T low, T high) {
    return x > (A)high ? high : x < (A)low ? low : (T)x;
}

constexpr int LARGEST_INT = 2147483647;
constexpr long long LARGEST_LONG = 9223372036854775807LL;

// Makes an element of what was computed; org.alborz.type.DType has the rules.
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
template <class A>
struct Stored<int, A> {
    __device__ __forceinline__ static int of(A x) {
        return truncated<int, A>(x, -LARGEST_INT - 1, LARGEST_INT, (A)2147483648.0);
    }
};
template <>
struct Stored<int, int> {
    __device__ __forceinline__ static int of(int x) { return x; }
};
template <>
struct Stored<int, long long> {
    __device__ __forceinline__ static int of(long long x) { return clamped<int>(x, -LARGEST_INT - 1, LARGEST_INT); }
};
template <class A>
struct Stored<long long, A> {
    __device__ __forceinline__ static long long of(A x) {
        return truncated<long long, A>(x, -LARGEST_LONG - 1, LARGEST_LONG, (A)9223372036854775808.0);
    }
};
template <>
struct Stored<long long, int> {
    __device__ __forceinline__ static long long of(int x) { return x; }
};
template <>
struct Stored<long long, long long> {
    __device__ __forceinline__ static long long of(long long x) { return x; }
};
template <class A>
struct Stored<unsigned char, A> {
    __device__ __forceinline__ static unsigned char of(A x) { return truncated<unsigned char, A>(x, 0, 255, (A)256); }
};
template <>
struct Stored<unsigned char, int> {
    __device__ __forceinline__ static unsigned char of(int x) { return clamped<unsigned char>(x, 0, 255); }
};
template <>
struct Stored<unsigned char, long long> {
    __device__ __forceinline__ static unsigned char of(long long x) { return clamped<unsigned char>(x, 0, 255); }
};
template <class A>
struct Stored<bool, A> {
    __device__ __forceinline__ static bool of(A x) { return x != 0; }
};
template <class A>
struct Stored<f16, A> {
    __device__ __forceinline__ static f16 of(A x) { return toF16(roundToOdd((double)x)); }
};
template <>
struct Stored<f16, float> {
    __device__ __forceinline__ static f16 of(float x) { return toF16(x); }
};
template <>
struct Stored<f16, long long> {
    __device__ __forceinline__ static f16 of(long long x) { return toF16(roundToOdd(roundToOdd(x))); }
};
template <class A>
struct Stored<bf16, A> {
    __device__ __forceinline__ static bf16 of(A x) { return toBf16(roundToOdd((double)x)); }
};
template <>
struct Stored<bf16, float> {
    __device__ __forceinline__ static bf16 of(float x) { return toBf16(x); }
};
template <>
struct Stored<bf16, long long> {
    __device__ __forceinline__ static bf16 of(long long x) { return toBf16(roundToOdd(roundToOdd(x))); }
};

template <class T, class A>
__device__ __forceinline__ T store(A x) {
    return Stored<T, A>::of(x);
}

}  // namespace alborz
