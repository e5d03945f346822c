// y = op(x), element by element. y may be x.
// Dense: x and y of one order, 16 bytes at a time where the addresses allow it. Strided: any strides of x and y.
#include "../common/enums.cuh"
#include "../common/math.cuh"
#include "../common/pack.cuh"
#include "../common/offset_calculator.cuh"

using namespace alborz;

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

__device__ __forceinline__ float logOnePlus(float x) { return ::log1pf(x); }
__device__ __forceinline__ double logOnePlus(double x) { return ::log1p(x); }

// ln(1 + eˣ) = max(x, 0) + ln(1 + e^−|x|), whose exponential does not overflow.
template <class A>
__device__ __forceinline__ A softplus(A x) {
    return math::relu(x) + logOnePlus(math::exp(x > 0 ? -x : x));
}

// The functions that are long: called, so that their code is there once for each kernel's many places of use.
template <class A>
__device__ __noinline__ A applyLong(UnaryOp op, A p, A x) {
    switch (op) {
        case UnaryOp::EXP: return math::exp(x);
        case UnaryOp::LOG: return math::log(x);
        case UnaryOp::SIN: return math::sin(x);
        case UnaryOp::COS: return math::cos(x);
        case UnaryOp::TANH: return math::tanh(x);
        case UnaryOp::SIGMOID: return 1 / (1 + math::exp(-x));
        case UnaryOp::ERF: return math::erf(x);
        case UnaryOp::POWER: return math::pow(x, p);
        case UnaryOp::ELU: return x > 0 ? x : p * math::expm1(x);
        case UnaryOp::GELU: return gelu(x);
        case UnaryOp::SOFTPLUS: return softplus(x);
        default: __trap(); return x;
    }
}

template <class A>
__device__ __forceinline__ A apply(UnaryOp op, A p, A x) {
    switch (op) {
        case UnaryOp::NEGATE: return -x;
        case UnaryOp::ABS: return x < 0 ? -x : x == 0 ? (A)0 : x;
        case UnaryOp::SIGN: return x > 0 ? (A)1 : x < 0 ? (A)-1 : x;
        case UnaryOp::SQUARE: return x * x;
        case UnaryOp::SQRT: return math::sqrt(x);
        case UnaryOp::RECIPROCAL: return 1 / x;
        case UnaryOp::RELU: return math::relu(x);
        case UnaryOp::ADD: return x + p;
        case UnaryOp::MULTIPLY: return x * p;
        case UnaryOp::MAXIMUM: return math::maximum(x, p);
        case UnaryOp::MINIMUM: return math::minimum(x, p);
        case UnaryOp::LEAKY_RELU: return x > 0 ? x : p * x;
        default: return applyLong(op, p, x);
    }
}

template <class T>
__device__ void dense(UnaryOp op, double p, const T* x, T* y, long long n) {
    constexpr int N = lanes<T>();
    inPacks<N>(n, isAligned<N>(x) && isAligned<N>(y), [&](long long at, auto width) {
        auto pack = loadPack<decltype(width)::count>(x + at);
        for (T& element : pack.data) {
            element = store<T>(apply(op, (Arithmetic<T>)p, load(element)));
        }
        storePack(y + at, pack);
    });
}

template <class T>
__device__ void strided(UnaryOp op, double p, const T* x, T* y, const OffsetCalculator& axes, long long n) {
    for (long long i = firstElement(); i < n; i += elementStep()) {
        auto offset = axes.offsets<2>((unsigned)i);
        y[offset.at[1]] = store<T>(apply(op, (Arithmetic<T>)p, load(x[offset.at[0]])));
    }
}

#define KERNELS(T, name)                                                                                       \
    KERNEL(unary_##name, UnaryOp op, double p, const T* x, T* y, long long n) { dense(op, p, x, y, n); }       \
    KERNEL(unary_strided_##name, UnaryOp op, double p, const T* x, T* y, OffsetCalculator axes, long long n) { \
        strided(op, p, x, y, axes, n);                                                                         \
    }
FOR_FLOATING_TYPES(KERNELS)
