// y = op(x), element by element. y may be x.
// Dense: x and y of one order, 16 bytes at a time where the addresses allow it. Strided: any strides of x and y.
#include "../common/enums.cuh"
#include "../common/gelu.cuh"
#include "../common/math.cuh"
#include "../common/pack.cuh"
#include "../common/offset_calculator.cuh"

using namespace alborz;

// ln(1 + eˣ) = max(x, 0) + ln(1 + e^−|x|), whose exponential does not overflow.
template <class A>
__device__ __forceinline__ A softplus(A x) {
    return math::relu(x) + math::log1p(math::exp(x > 0 ? -x : x));
}

// Below this a sigmoid is 0, and x times it shall be 0 too.
template <class A>
__device__ __forceinline__ A notBelow(A least, A x) {
    return x < least ? least : x;
}

// x / (1 + e⁻ˣ); below 0, by eˣ, which does not overflow.
template <class A>
__device__ __forceinline__ A silu(A x) {
    A e = math::exp(x < 0 ? x : -x);
    return notBelow((A)-1000, x) * ((x < 0 ? e : (A)1) / (1 + e));
}

// x·tanh(ln(1 + eˣ)), which is x·n / (n + 2) with n = eˣ·(eˣ + 2); above 0, by e⁻ˣ.
template <class A>
__device__ __forceinline__ A mish(A x) {
    A e = math::exp(x < 0 ? x : -x);
    A above = x < 0 ? e * (e + 2) : 1 + 2 * e;
    return notBelow((A)-1000, x) * (above / (above + (x < 0 ? (A)2 : 2 * e * e)));
}

template <class A>
__device__ __forceinline__ A selu(A x) {
    constexpr double LAMBDA = 1.0507009873554804934193349852946;
    constexpr double ALPHA = 1.6732632423543772848170429916717;
    return x > 0 ? (A)LAMBDA * x : (A)(LAMBDA * ALPHA) * math::expm1(x);
}

template <class A>
__device__ __forceinline__ A hardSigmoid(A x) {
    return math::minimum(math::relu(x + 3), (A)6) / 6;
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
        case UnaryOp::LOG1P: return math::log1p(x);
        case UnaryOp::EXPM1: return math::expm1(x);
        case UnaryOp::TAN: return math::tan(x);
        case UnaryOp::ASIN: return math::asin(x);
        case UnaryOp::ACOS: return math::acos(x);
        case UnaryOp::ATAN: return math::atan(x);
        case UnaryOp::SINH: return math::sinh(x);
        case UnaryOp::COSH: return math::cosh(x);
        case UnaryOp::ASINH: return math::asinh(x);
        case UnaryOp::ACOSH: return math::acosh(x);
        case UnaryOp::ATANH: return math::atanh(x);
        case UnaryOp::SILU: return silu(x);
        case UnaryOp::HARD_SIGMOID: return hardSigmoid(x);
        case UnaryOp::HARD_SWISH: return notBelow((A)-3, x) * hardSigmoid(x);
        case UnaryOp::MISH: return mish(x);
        case UnaryOp::SELU: return selu(x);
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
        case UnaryOp::FLOOR: return math::floor(x);
        case UnaryOp::CEIL: return math::ceil(x);
        case UnaryOp::ROUND: return math::rint(x);
        case UnaryOp::TRUNC: return math::trunc(x);
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
