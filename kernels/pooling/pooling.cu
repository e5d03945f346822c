// The largest or the mean element of each window, and the gradients; images are dense and channels-last, under 2^31 elements.
// A thread an element of the result, or 16 bytes of neighbouring channels where their count and the addresses allow it. Gradients
// are gathered: a thread looks at the windows that its element is in, so nothing is added by two threads.
// The maximum of a window is its first element, row by row, that equals y there; or its first NaN, if y is NaN.
#include "../common/pack.cuh"

using namespace alborz;

struct Pool {
    int images, channels, height, width, outputH, outputW, kernelH, kernelW, strideH, strideW, paddingH, paddingW;

    __device__ __forceinline__ int input(int n, int row, int column) const {
        return ((n * height + row) * width + column) * channels;
    }
    __device__ __forceinline__ int output(int n, int i, int j) const {
        return ((n * outputH + i) * outputW + j) * channels;
    }
};

static_assert(sizeof(Pool) == 48, "the layout that README.md tells");

// A range of rows or columns, the end exclusive.
struct Range {
    int from;
    int to;

    __device__ __forceinline__ static Range clipped(int from, int to, int size) {
        return {from > 0 ? from : 0, to < size ? to : size};
    }
};

// The part of window i that is on the image.
__device__ __forceinline__ Range window(int i, int kernel, int stride, int padding, int size) {
    return Range::clipped(i * stride - padding, i * stride - padding + kernel, size);
}

// The windows that row or column `at` is in.
__device__ __forceinline__ Range windowsOf(int at, int kernel, int stride, int padding, int count) {
    int beyond = at + padding - kernel;
    return Range::clipped(beyond < 0 ? 0 : beyond / stride + 1, (at + padding) / stride + 1, count);
}

template <class A>
__device__ __forceinline__ bool same(A a, A b) {
    return a == b || (a != a && b != b);
}

// Calls body(n, row, column, channel) for every N-th element of images of the given size.
template <int N, class Body>
__device__ __forceinline__ void forEachPixel(int images, int height, int width, int channels, Body body) {
    long long count = (long long)images * height * width * channels / N;
    unsigned perPixel = channels / N;
    for (long long i = firstElement(); i < count; i += elementStep()) {
        unsigned pixel = (unsigned)i / perPixel;
        unsigned row = pixel / (unsigned)width;
        body((int)(row / (unsigned)height), (int)(row % (unsigned)height), (int)(pixel % (unsigned)width),
                (int)((unsigned)i % perPixel) * N);
    }
}

template <int N, class T>
__device__ void max(const T* x, T* y, const Pool& g) {
    forEachPixel<N>(g.images, g.outputH, g.outputW, g.channels, [&](int n, int i, int j, int c) {
        Range rows = window(i, g.kernelH, g.strideH, g.paddingH, g.height);
        Range columns = window(j, g.kernelW, g.strideW, g.paddingW, g.width);
        Pack<T, N> best;
        for (T& each : best.data) {
            each = store<T>(-(Arithmetic<T>)__builtin_huge_val());
        }
        for (int row = rows.from; row < rows.to; row++) {
            for (int column = columns.from; column < columns.to; column++) {
                auto pack = loadPack<N>(x + g.input(n, row, column) + c);
#pragma unroll
                for (int k = 0; k < N; k++) {
                    auto value = load(pack.data[k]), largest = load(best.data[k]);
                    best.data[k] = value > largest || (value != value && largest == largest) ? pack.data[k] : best.data[k];
                }
            }
        }
        storePack(y + g.output(n, i, j) + c, best);
    });
}

// Whether an element of the window, equal to its maximum, comes before (row, column).
template <class T>
__device__ __forceinline__ bool isFirst(
        const T* x, const Pool& g, int n, int c, Range rows, Range columns, int row, int column, Arithmetic<T> max) {
    for (int r = rows.from; r <= row; r++) {
        int end = r < row ? columns.to : column;
        for (int s = columns.from; s < end; s++) {
            if (same(load(x[g.input(n, r, s) + c]), max)) {
                return false;
            }
        }
    }
    return true;
}

template <int N, class T>
__device__ void maxBackward(const T* x, const T* y, const T* dy, T* dx, const Pool& g) {
    forEachPixel<N>(g.images, g.height, g.width, g.channels, [&](int n, int row, int column, int c) {
        auto own = loadPack<N>(x + g.input(n, row, column) + c);
        Range down = windowsOf(row, g.kernelH, g.strideH, g.paddingH, g.outputH);
        Range across = windowsOf(column, g.kernelW, g.strideW, g.paddingW, g.outputW);
        double sums[N] = {};
        for (int i = down.from; i < down.to; i++) {
            for (int j = across.from; j < across.to; j++) {
                Range rows = window(i, g.kernelH, g.strideH, g.paddingH, g.height);
                Range columns = window(j, g.kernelW, g.strideW, g.paddingW, g.width);
                auto maxima = loadPack<N>(y + g.output(n, i, j) + c);
                auto gradients = loadPack<N>(dy + g.output(n, i, j) + c);
#pragma unroll
                for (int k = 0; k < N; k++) {
                    auto max = load(maxima.data[k]);
                    if (same(load(own.data[k]), max) && isFirst(x, g, n, c + k, rows, columns, row, column, max)) {
                        sums[k] += load(gradients.data[k]);
                    }
                }
            }
        }
        Pack<T, N> result;
#pragma unroll
        for (int k = 0; k < N; k++) {
            result.data[k] = store<T>((Arithmetic<T>)sums[k]);
        }
        storePack(dx + g.input(n, row, column) + c, result);
    });
}

template <class T>
__device__ void maxGather(const T* x, const T* y, const T* source, T* picked, const Pool& g) {
    forEachPixel<1>(g.images, g.outputH, g.outputW, g.channels, [&](int n, int i, int j, int c) {
        Range rows = window(i, g.kernelH, g.strideH, g.paddingH, g.height);
        Range columns = window(j, g.kernelW, g.strideW, g.paddingW, g.width);
        int to = g.output(n, i, j) + c;
        auto max = load(y[to]);
        T found = store<T>((Arithmetic<T>)0);
        bool searching = true;
        for (int row = rows.from; row < rows.to && searching; row++) {
            for (int column = columns.from; column < columns.to && searching; column++) {
                int at = g.input(n, row, column) + c;
                if (same(load(x[at]), max)) {
                    found = source[at];
                    searching = false;
                }
            }
        }
        picked[to] = found;
    });
}

// Whether all of the numbers are neither infinite nor NaN.
template <class A, int N>
__device__ __forceinline__ bool areFinite(const A (&values)[N]) {
    A rest = 0;
#pragma unroll
    for (int k = 0; k < N; k++) {
        rest += values[k] - values[k];
    }
    return rest == 0;
}

// Takes N averages again, each term divided before it is added: the sum may be beyond the type where the average is not. pixel(row,
// column) is the first channel of a term in x; c is the channel of the first average.
template <int N, class T, class Pixel>
__device__ __forceinline__ void averageTerms(
        const T* x, Range rows, Range columns, Arithmetic<T> size, int c, Pixel pixel, T* y) {
#pragma unroll 1
    for (int k = 0; k < N; k++) {
        Arithmetic<T> sum = 0;
#pragma unroll 1
        for (int row = rows.from; row < rows.to; row++) {
#pragma unroll 1
            for (int column = columns.from; column < columns.to; column++) {
                sum += load(x[pixel(row, column) + c + k]) / size;
            }
        }
        y[c + k] = store<T>(sum);
    }
}

template <int N, class T>
__device__ void average(const T* x, T* y, const Pool& g) {
    using A = Arithmetic<T>;
    A size = (A)g.kernelH * (A)g.kernelW;
    forEachPixel<N>(g.images, g.outputH, g.outputW, g.channels, [&](int n, int i, int j, int c) {
        Range rows = window(i, g.kernelH, g.strideH, g.paddingH, g.height);
        Range columns = window(j, g.kernelW, g.strideW, g.paddingW, g.width);
        A sums[N] = {};
        for (int row = rows.from; row < rows.to; row++) {
            A ofRow[N] = {};
            for (int column = columns.from; column < columns.to; column++) {
                auto pack = loadPack<N>(x + g.input(n, row, column) + c);
#pragma unroll
                for (int k = 0; k < N; k++) {
                    ofRow[k] += load(pack.data[k]);
                }
            }
#pragma unroll
            for (int k = 0; k < N; k++) {
                sums[k] += ofRow[k];
            }
        }
        Pack<T, N> result;
#pragma unroll
        for (int k = 0; k < N; k++) {
            result.data[k] = store<T>(sums[k] / size);
        }
        storePack(y + g.output(n, i, j) + c, result);
        if (areFinite(sums)) {
            return;
        }
        auto pixel = [&](int row, int column) { return g.input(n, row, column); };
        averageTerms<N>(x, rows, columns, size, c, pixel, y + g.output(n, i, j));
    });
}

template <int N, class T>
__device__ void averageBackward(const T* dy, T* dx, const Pool& g) {
    using A = Arithmetic<T>;
    A size = (A)g.kernelH * (A)g.kernelW;
    forEachPixel<N>(g.images, g.height, g.width, g.channels, [&](int n, int row, int column, int c) {
        Range down = windowsOf(row, g.kernelH, g.strideH, g.paddingH, g.outputH);
        Range across = windowsOf(column, g.kernelW, g.strideW, g.paddingW, g.outputW);
        A sums[N] = {};
        for (int i = down.from; i < down.to; i++) {
            for (int j = across.from; j < across.to; j++) {
                auto gradients = loadPack<N>(dy + g.output(n, i, j) + c);
#pragma unroll
                for (int k = 0; k < N; k++) {
                    sums[k] += load(gradients.data[k]);
                }
            }
        }
        Pack<T, N> result;
#pragma unroll
        for (int k = 0; k < N; k++) {
            result.data[k] = store<T>(sums[k] / size);
        }
        storePack(dx + g.input(n, row, column) + c, result);
        if (areFinite(sums)) {
            return;
        }
        auto pixel = [&](int i, int j) { return g.output(n, i, j); };
        averageTerms<N>(dy, down, across, size, c, pixel, dx + g.input(n, row, column));
    });
}

// Calls body(Lanes<N>) with the most channels at once that their count allows.
template <class T, class Body>
__device__ __forceinline__ void withLanes(const Pool& g, bool aligned, Body body) {
    if (aligned && g.channels % lanes<T>() == 0) {
        body(Lanes<lanes<T>()>());
    } else {
        body(Lanes<1>());
    }
}

template <int N, class T, class... More>
__device__ __forceinline__ bool areAligned(const T* p, const More*... more) {
    return (isAligned<N>(p) && ... && isAligned<N>(more));
}

#define WITH_LANES(T, aligned, call) \
    withLanes<T>(g, aligned, [&](auto wide) { constexpr int N = decltype(wide)::count; call; })

#define KERNELS(T, name)                                                                                              \
    KERNEL(max_pool_##name, const T* x, T* y, Pool g) {                                                               \
        WITH_LANES(T, (areAligned<lanes<T>()>(x, y)), max<N>(x, y, g));                                               \
    }                                                                                                                 \
    KERNEL(max_pool_backward_##name, const T* x, const T* y, const T* dy, T* dx, Pool g) {                            \
        WITH_LANES(T, (areAligned<lanes<T>()>(x, y, dy, dx)), (maxBackward<N>(x, y, dy, dx, g)));                     \
    }                                                                                                                 \
    KERNEL(max_pool_gather_##name, const T* x, const T* y, const T* source, T* picked, Pool g) {                      \
        maxGather(x, y, source, picked, g);                                                                           \
    }                                                                                                                 \
    KERNEL(average_pool_##name, const T* x, T* y, Pool g) {                                                           \
        WITH_LANES(T, (areAligned<lanes<T>()>(x, y)), average<N>(x, y, g));                                           \
    }                                                                                                                 \
    KERNEL(average_pool_backward_##name, const T* dy, T* dx, Pool g) {                                                \
        WITH_LANES(T, (areAligned<lanes<T>()>(dy, dx)), averageBackward<N>(dy, dx, g));                               \
    }
FOR_FLOATING_TYPES(KERNELS)
