// y = op(x), element by element; op is UnaryOp.ordinal(). y may be x.
// Dense: x and y of one order, 16 bytes at a time where the addresses allow it. Strided: any strides of x and y.
#include "../common/math.cuh"
#include "../common/pack.cuh"
#include "../common/offset_calculator.cuh"

using namespace alborz;

enum {
    NEGATE, ABS, SIGN, STEP, SQUARE, SQRT, RECIPROCAL, EXP, LOG, SIN, COS, TANH, SIGMOID, ERF, RELU, ADD, MULTIPLY, POWER,
    MAXIMUM, MINIMUM, LEAKY_RELU, ELU, GELU
};

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

// The functions that are long: called, so that their code is there once for each kernel's many places of use.
template <class A>
__device__ __noinline__ A applyLong(int op, A p, A x) {
    switch (op) {
        case EXP: return math::exp(x);
        case LOG: return math::log(x);
        case SIN: return math::sin(x);
        case COS: return math::cos(x);
        case TANH: return math::tanh(x);
        case SIGMOID: return 1 / (1 + math::exp(-x));
        case ERF: return math::erf(x);
        case POWER: return math::pow(x, p);
        case ELU: return x > 0 ? x : p * math::expm1(x);
        default: return gelu(x);
    }
}

template <class A>
__device__ __forceinline__ A apply(int op, A p, A x) {
    switch (op) {
        case NEGATE: return -x;
        case ABS: return x < 0 ? -x : x == 0 ? (A)0 : x;
        case SIGN: return x > 0 ? (A)1 : x < 0 ? (A)-1 : x;
        case STEP: return x > 0 ? (A)1 : (A)0;
        case SQUARE: return x * x;
        case SQRT: return math::sqrt(x);
        case RECIPROCAL: return 1 / x;
        case RELU: return math::relu(x);
        case ADD: return x + p;
        case MULTIPLY: return x * p;
        case MAXIMUM: return math::maximum(x, p);
        case MINIMUM: return math::minimum(x, p);
        case LEAKY_RELU: return x > 0 ? x : p * x;
        default: return applyLong(op, p, x);
    }
}

template <class T>
__device__ void dense(int op, double p, const T* x, T* y, long long n) {
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
__device__ void strided(int op, double p, const T* x, T* y, const OffsetCalculator& axes, long long n) {
    for (long long i = firstElement(); i < n; i += elementStep()) {
        auto offset = axes.offsets<2>((unsigned)i);
        y[offset.at[1]] = store<T>(apply(op, (Arithmetic<T>)p, load(x[offset.at[0]])));
    }
}

#define KERNELS(T, name)                                                                                   \
    KERNEL(unary_##name, int op, double p, const T* x, T* y, long long n) { dense(op, p, x, y, n); }       \
    KERNEL(unary_strided_##name, int op, double p, const T* x, T* y, OffsetCalculator axes, long long n) { \
        strided(op, p, x, y, axes, n);                                                                     \
    }
FOR_FLOATING_TYPES(KERNELS)
