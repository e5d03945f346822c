// Lets g++ compile CUDA C++: what of CUDA kernels use, for one thread that runs on the host.
// Put in front of every .cu file by `build`, which also includes the file inside an anonymous namespace; so the standard
// headers a kernel may ask for are all included here.
#pragma once
#include <cfloat>
#include <climits>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <limits>
#include <type_traits>
#include <utility>
#include "cuda_index.h"
#include "soft_kernel.h"

#define ALBORZ_HOST 1

#ifndef __global__
#define __global__
#endif
#define __device__
#define __host__
#define __constant__ static
#define __forceinline__ inline __attribute__((always_inline))
#define __noinline__ __attribute__((noinline))
#define __launch_bounds__(...)
#define __align__(n) alignas(n)
#define __builtin_align__(n) alignas(n)
// All of a source file's shared memory is in one section, which is poisoned before each block.
#define SOFT_TEXT_(x) #x
#define SOFT_TEXT(x) SOFT_TEXT_(x)
#define __shared__ static __attribute__((section(SOFT_TEXT(SOFT_SHARED))))

// ---- indices and barriers
#define threadIdx (soft_here.thread)
#define blockIdx (soft_here.block)
#define blockDim (soft_here.block_size)
#define gridDim (soft_here.grid_size)
#define warpSize 32
using dim3 = soft_dim;

inline void __syncthreads(int line = __builtin_LINE()) { soft_block_barrier(line); }
inline void __syncwarp(unsigned mask = ~0u, int line = __builtin_LINE()) { soft_exchange(mask, 0, 0, line); }
inline void __nanosleep(unsigned) { soft_sleep(); }
inline void __threadfence() {}
inline void __threadfence_block() {}
inline void __threadfence_system() {}
inline void __trap() { soft_trap("__trap"); }
inline void __brkpt() {}
#undef assert
#define assert(condition) ((condition) ? void() : soft_trap("assertion failed: " #condition))

// ---- warps
template <class T>
inline T soft_shuffle(unsigned mask, T value, unsigned source, int line) {
    static_assert(sizeof(T) <= 8 && std::is_trivially_copyable<T>::value, "a shuffle takes at most 8 bytes");
    uint64_t bits = 0;
    memcpy(&bits, &value, sizeof(T));
    bits = soft_exchange(mask, bits, source, line);
    memcpy(&value, &bits, sizeof(T));
    return value;
}

// The lane `to` if it is in the same group of `width` lanes, else this one.
inline unsigned soft_group(unsigned lane, unsigned to, int width) {
    return to < 32 && (to & ~(width - 1u)) == (lane & ~(width - 1u)) ? to : lane;
}

template <class T>
inline T __shfl_sync(unsigned mask, T value, int source, int width = 32, int line = __builtin_LINE()) {
    unsigned lane = soft_lane();
    return soft_shuffle(mask, value, (lane & ~(width - 1u)) | (source & (width - 1u)), line);
}
template <class T>
inline T __shfl_up_sync(unsigned mask, T value, unsigned delta, int width = 32, int line = __builtin_LINE()) {
    unsigned lane = soft_lane();
    return soft_shuffle(mask, value, soft_group(lane, lane - delta, width), line);
}
template <class T>
inline T __shfl_down_sync(unsigned mask, T value, unsigned delta, int width = 32, int line = __builtin_LINE()) {
    unsigned lane = soft_lane();
    return soft_shuffle(mask, value, soft_group(lane, lane + delta, width), line);
}
template <class T>
inline T __shfl_xor_sync(unsigned mask, T value, int other, int width = 32, int line = __builtin_LINE()) {
    unsigned lane = soft_lane();
    return soft_shuffle(mask, value, soft_group(lane, lane ^ other, width), line);
}
inline unsigned __ballot_sync(unsigned mask, int value, int line = __builtin_LINE()) {
    return soft_ballot(mask, value != 0, line);
}
inline int __any_sync(unsigned mask, int value, int line = __builtin_LINE()) {
    return soft_ballot(mask, value != 0, line) != 0;
}
inline int __all_sync(unsigned mask, int value, int line = __builtin_LINE()) {
    return soft_ballot(mask, value == 0, line) == 0;
}

// ---- atomics: one CUDA thread runs at a time, and none is interrupted
template <class T, class F>
inline T soft_atomic(T* p, F change) {
    T old = *p;
    *p = change(old);
    return old;
}
template <class T> inline T atomicAdd(T* p, std::common_type_t<T> v) { return soft_atomic(p, [=](T o) { return T(o + v); }); }
template <class T> inline T atomicSub(T* p, std::common_type_t<T> v) { return soft_atomic(p, [=](T o) { return T(o - v); }); }
template <class T> inline T atomicExch(T* p, std::common_type_t<T> v) { return soft_atomic(p, [=](T) { return v; }); }
template <class T> inline T atomicMin(T* p, std::common_type_t<T> v) { return soft_atomic(p, [=](T o) { return v < o ? v : o; }); }
template <class T> inline T atomicMax(T* p, std::common_type_t<T> v) { return soft_atomic(p, [=](T o) { return v > o ? v : o; }); }
template <class T> inline T atomicAnd(T* p, std::common_type_t<T> v) { return soft_atomic(p, [=](T o) { return T(o & v); }); }
template <class T> inline T atomicOr(T* p, std::common_type_t<T> v) { return soft_atomic(p, [=](T o) { return T(o | v); }); }
template <class T> inline T atomicXor(T* p, std::common_type_t<T> v) { return soft_atomic(p, [=](T o) { return T(o ^ v); }); }
template <class T> inline T atomicCAS(T* p, std::common_type_t<T> expected, std::common_type_t<T> v) {
    return soft_atomic(p, [=](T o) { return o == expected ? v : o; });
}
template <class T> inline T atomicCAS_system(T* p, std::common_type_t<T> e, std::common_type_t<T> v) { return atomicCAS(p, e, v); }
template <class T> inline T atomicAdd_system(T* p, std::common_type_t<T> v) { return atomicAdd(p, v); }

// ---- vectors
#define SOFT_VECTORS(name, type, align2, align4)                                                                     \
    struct alignas(sizeof(type)) name##1 { type x; };                                                                \
    struct alignas(align2) name##2 { type x, y; };                                                                   \
    struct name##3 { type x, y, z; };                                                                                \
    struct alignas(align4) name##4 { type x, y, z, w; };                                                             \
    inline name##1 make_##name##1(type x) { return {x}; }                                                            \
    inline name##2 make_##name##2(type x, type y) { return {x, y}; }                                                 \
    inline name##3 make_##name##3(type x, type y, type z) { return {x, y, z}; }                                      \
    inline name##4 make_##name##4(type x, type y, type z, type w) { return {x, y, z, w}; }
SOFT_VECTORS(char, signed char, 2, 4)
SOFT_VECTORS(uchar, unsigned char, 2, 4)
SOFT_VECTORS(short, short, 4, 8)
SOFT_VECTORS(ushort, unsigned short, 4, 8)
SOFT_VECTORS(int, int, 8, 16)
SOFT_VECTORS(uint, unsigned, 8, 16)
SOFT_VECTORS(longlong, long long, 16, 16)
SOFT_VECTORS(ulonglong, unsigned long long, 16, 16)
SOFT_VECTORS(float, float, 8, 16)
SOFT_VECTORS(double, double, 16, 16)
#undef SOFT_VECTORS

// ---- bits and conversions
template <class To, class From>
inline To soft_bits(From from) {
    static_assert(sizeof(To) == sizeof(From), "same size");
    To to;
    memcpy(&to, &from, sizeof(To));
    return to;
}
inline float __int_as_float(int v) { return soft_bits<float>(v); }
inline int __float_as_int(float v) { return soft_bits<int>(v); }
inline float __uint_as_float(unsigned v) { return soft_bits<float>(v); }
inline unsigned __float_as_uint(float v) { return soft_bits<unsigned>(v); }
inline double __longlong_as_double(long long v) { return soft_bits<double>(v); }
inline long long __double_as_longlong(double v) { return soft_bits<long long>(v); }
inline unsigned __umulhi(unsigned a, unsigned b) { return unsigned((uint64_t(a) * b) >> 32); }
inline int __mulhi(int a, int b) { return int((int64_t(a) * b) >> 32); }
inline unsigned long long __umul64hi(unsigned long long a, unsigned long long b) {
    return (unsigned long long)(((unsigned __int128)a * b) >> 64);
}
inline int __popc(unsigned v) { return __builtin_popcount(v); }
inline int __popcll(unsigned long long v) { return __builtin_popcountll(v); }
inline int __clz(int v) { return v ? __builtin_clz(v) : 32; }
inline int __clzll(long long v) { return v ? __builtin_clzll(v) : 64; }
inline int __ffs(int v) { return __builtin_ffs(v); }
inline int __ffsll(long long v) { return __builtin_ffsll(v); }
inline int __float2int_rn(float v) { return int(nearbyintf(v)); }
inline int __float2int_rz(float v) { return int(v); }
inline float __int2float_rn(int v) { return float(v); }
inline float __uint2float_rn(unsigned v) { return float(v); }
inline float __double2float_rn(double v) { return float(v); }

// ---- arithmetic
// The intrinsics that nvcc never fuses must not be fused here either.
#define SOFT_EXACT __attribute__((optimize("fp-contract=off"), noinline))
SOFT_EXACT inline float __fadd_rn(float a, float b) { return a + b; }
SOFT_EXACT inline float __fsub_rn(float a, float b) { return a - b; }
SOFT_EXACT inline float __fmul_rn(float a, float b) { return a * b; }
SOFT_EXACT inline double __dadd_rn(double a, double b) { return a + b; }
SOFT_EXACT inline double __dsub_rn(double a, double b) { return a - b; }
SOFT_EXACT inline double __dmul_rn(double a, double b) { return a * b; }
inline float __fmaf_rn(float a, float b, float c) { return fmaf(a, b, c); }
inline double __fma_rn(double a, double b, double c) { return fma(a, b, c); }
inline float __fdiv_rn(float a, float b) { return a / b; }
inline float __frcp_rn(float a) { return 1 / a; }
inline float __fsqrt_rn(float a) { return sqrtf(a); }
inline float __fdividef(float a, float b) { return a / b; }
inline float rsqrtf(float a) { return 1 / sqrtf(a); }
inline double rsqrt(double a) { return 1 / sqrt(a); }
inline float __expf(float a) { return expf(a); }
inline float __logf(float a) { return logf(a); }
inline void sincospif(float a, float* s, float* c) { *s = float(sin(a * M_PI)), *c = float(cos(a * M_PI)); }
inline void sincospi(double a, double* s, double* c) { *s = sin(a * M_PI), *c = cos(a * M_PI); }
inline float sinpif(float a) { return float(sin(a * M_PI)); }
inline float cospif(float a) { return float(cos(a * M_PI)); }
inline double normcdf(double a) { return 0.5 * erfc(-a * M_SQRT1_2); }
inline float normcdff(float a) { return float(normcdf(a)); }
inline float __saturatef(float a) { return a > 0 ? (a < 1 ? a : 1) : 0; }
template <class A, class B> inline std::common_type_t<A, B> min(A a, B b) {
    if constexpr (std::is_floating_point<std::common_type_t<A, B>>::value) return std::fmin(a, b);
    else return std::common_type_t<A, B>(a) < std::common_type_t<A, B>(b) ? a : b;
}
template <class A, class B> inline std::common_type_t<A, B> max(A a, B b) {
    if constexpr (std::is_floating_point<std::common_type_t<A, B>>::value) return std::fmax(a, b);
    else return std::common_type_t<A, B>(a) > std::common_type_t<A, B>(b) ? a : b;
}
using std::isfinite;
using std::isinf;
using std::isnan;
using std::signbit;

template <class T> inline T __ldg(const T* p) { return *p; }
template <class T> inline T __ldcs(const T* p) { return *p; }
template <class T> inline T __ldcg(const T* p) { return *p; }
template <class T> inline void __stcs(T* p, T v) { *p = v; }
template <class T> inline void __stcg(T* p, T v) { *p = v; }

// ---- registration, one line a kernel, written by `build`
template <auto kernel>
struct soft_entry;

template <class... A, void (*kernel)(A...)>
struct soft_entry<kernel> {
    static constexpr soft_parameter parameters[sizeof...(A) + 1] = {
        {unsigned(sizeof(A)), unsigned(alignof(A)), std::is_pointer<A>::value}..., {0, 0, false}};

    template <size_t... I>
    static void call(void** arguments, std::index_sequence<I...>) {
        (void)arguments;
        kernel(*static_cast<std::remove_cv_t<A>*>(arguments[I])...);
    }
    static void run(void** arguments) { call(arguments, std::index_sequence_for<A...>()); }
};

#define SOFT_JOIN_(a, b) a##b
#define SOFT_JOIN(a, b) SOFT_JOIN_(a, b)
extern "C" char SOFT_JOIN(__start_, SOFT_SHARED)[] __attribute__((weak, visibility("hidden")));
extern "C" char SOFT_JOIN(__stop_, SOFT_SHARED)[] __attribute__((weak, visibility("hidden")));

template <auto kernel, class = decltype(kernel)>
struct soft_registration;

template <auto kernel, class... A>
struct soft_registration<kernel, void (*)(A...)> {
    soft_kernel entry;
    explicit soft_registration(const char* name)
        : entry{name, &soft_entry<kernel>::run, unsigned(sizeof...(A)), soft_entry<kernel>::parameters,
              SOFT_JOIN(__start_, SOFT_SHARED), SOFT_JOIN(__stop_, SOFT_SHARED)} {
        soft_register(&entry);
    }
};

#define SOFT_KERNEL(name) static soft_registration<&name> soft_registration_of_##name(#name);
