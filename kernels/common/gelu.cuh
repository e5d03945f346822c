// GELU (Hendrycks and Gimpel 2016).
#pragma once

#include "math.cuh"

namespace alborz {

// x·Φ(x) with Φ(x) = erfc(−x / √2) / 2. The argument's rounding error, which erfc would magnify in the lower tail, is corrected by
// erfc's slope there. Far below, where Φ(x) is 0 in every type, so is the result, even at −∞.
template <class A>
__device__ __forceinline__ A gelu(A x) {
    constexpr double ROOT = 0.70710678118654752440;
    constexpr A HIGH = (A)ROOT;
    constexpr A LOW = sizeof(A) == sizeof(double) ? (A)-4.833646656726457e-17 : (A)(ROOT - (double)HIGH);
    if (x < -40) {
        return 0;
    }
    A z = -x * HIGH;
    A lost = math::fma(-x, HIGH, -z) - x * LOW;
    A tail = math::erfc(z);
    if (z > 0) {
        tail -= lost * (A)1.1283791670955126 * math::exp(-z * z);
    }
    return (A)0.5 * x * tail;
}

}  // namespace alborz
