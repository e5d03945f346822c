// dx = dy·(Φ(x) + x·φ(x)), the gradient of GELU, element by element; 16 bytes at a time where the addresses allow it.
// bias: the same of matrices [rows, columns], and the sums of dx's columns, in the order of common/bias_gradient.cuh.
#include "../common/bias_gradient.cuh"
#include "../common/math.cuh"
#include "../common/pack.cuh"

using namespace alborz;

// By erfc, whose digits do not cancel in the lower tail. Beyond ±40 the density is 0 in every type, and x there shall not be infinite.
template <class A>
__device__ __noinline__ A slope(A unbounded) {
    A x = unbounded < -40 ? (A)-40 : unbounded > 40 ? (A)40 : unbounded;
    A distribution = (A)0.5 * math::erfc(x * (A)-0.70710678118654752440);
    A density = (A)0.39894228040143267794 * math::exp((A)-0.5 * x * x);
    return distribution + x * density;
}

template <class T>
__device__ void geluBackward(const T* dy, const T* x, T* dx, long long n) {
    constexpr int N = lanes<T>();
    inPacks<N>(n, isAligned<N>(dy) && isAligned<N>(x) && isAligned<N>(dx), [&](long long at, auto width) {
        constexpr int COUNT = decltype(width)::count;
        auto of = loadPack<COUNT>(x + at);
        auto pack = loadPack<COUNT>(dy + at);
        for (int i = 0; i < COUNT; i++) {
            pack.data[i] = store<T>(load(pack.data[i]) * slope(load(of.data[i])));
        }
        storePack(dx + at, pack);
    });
}

template <int N, class T>
__device__ void withBias(
        const T* dy, const T* x, T* dx, Arithmetic<T>* partial, T* dbias, unsigned* finished, long long rows,
        long long columns, int parts) {
    biasGradient<N, 1>(partial, dbias, finished, rows, columns, parts, [=](long long row, long long column) {
        long long at = row * columns + column;
        auto of = loadPack<N>(x + at);
        auto pack = loadPack<N>(dy + at);
        for (int i = 0; i < N; i++) {
            pack.data[i] = store<T>(load(pack.data[i]) * slope(load(of.data[i])));
        }
        storePack(dx + at, pack);
        return pack;
    });
}

#define KERNELS(T, name)                                                                                              \
    KERNEL(gelu_backward_##name, const T* dy, const T* x, T* dx, long long n) { geluBackward(dy, x, dx, n); }         \
    KERNEL(gelu_backward_bias_##name, const T* dy, const T* x, T* dx, Arithmetic<T>* partial, T* dbias,               \
            unsigned* finished, long long rows, long long columns, int parts) {                                       \
        constexpr int N = lanes<T>();                                                                                 \
        if (columns % N == 0 && isAligned<N>(dy) && isAligned<N>(x) && isAligned<N>(dx)) {                            \
            withBias<N>(dy, x, dx, partial, dbias, finished, rows, columns, parts);                                   \
        } else {                                                                                                      \
            withBias<1>(dy, x, dx, partial, dbias, finished, rows, columns, parts);                                   \
        }                                                                                                             \
    }
FOR_FLOATING_TYPES(KERNELS)
