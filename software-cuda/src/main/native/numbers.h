// The floating-point types of device memory and how they become the type that is computed with.
#pragma once
#include <cstdint>
#include <cstring>

namespace soft {

using f16 = _Float16;

struct bf16 {
    uint16_t bits;
};

inline uint32_t bits_of(float x) {
    uint32_t bits;
    std::memcpy(&bits, &x, sizeof bits);
    return bits;
}

inline float float_of(uint32_t bits) {
    float x;
    std::memcpy(&x, &bits, sizeof x);
    return x;
}

inline float widen(float x) { return x; }
inline double widen(double x) { return x; }
inline float widen(f16 x) { return static_cast<float>(x); }
inline float widen(bf16 x) { return float_of(static_cast<uint32_t>(x.bits) << 16); }

template <class T, class Acc>
inline T narrow(Acc x) {
    return static_cast<T>(x);
}

// To nearest, ties to even. A NaN stays one: its payload is cut, not rounded up into infinity.
template <>
inline bf16 narrow<bf16, float>(float x) {
    uint32_t bits = bits_of(x);
    uint32_t rounded = (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
    return {static_cast<uint16_t>(x != x ? (bits >> 16) | 0x40u : rounded)};
}

// What a tensor core does to its inputs before it multiplies.
struct Exact {
    template <class T>
    auto operator()(T x) const {
        return widen(x);
    }
};

// 10 bits of mantissa, to nearest, ties away from zero: PTX cvt.rna.tf32.
struct RoundToTf32 {
    float operator()(float x) const {
        uint32_t bits = bits_of(x);
        bool finite = (bits & 0x7f800000u) != 0x7f800000u;
        return finite ? float_of((bits + 0x1000u) & ~0x1fffu) : x;
    }
};

template <class T>
struct RoundTo {
    float operator()(float x) const { return widen(narrow<T>(x)); }
};

} // namespace soft
