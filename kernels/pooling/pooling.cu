// The largest or the mean element of each window, and the gradients; images are dense and channels-last, under 2^31 elements.
// A thread an element of the result, or 16 bytes of neighbouring channels where their count and the addresses allow it. Gradients
// are gathered: a thread looks at the windows that its element is in, so nothing is added by two threads.
// The maximum of a window is its first element, row by row, that equals y there; or its first NaN, if y is NaN.
#include "../common/activation.cuh"
#include "../common/bias_gradient.cuh"

using namespace alborz;

// Padding is what is in front; counted rows and columns end at endH and endW, which is behind the padding or the image. "even" says that
// all windows have as many counted elements.
struct Pool {
    int images, channels, height, width, outputH, outputW, kernelH, kernelW, strideH, strideW, paddingH, paddingW, dilationH,
            dilationW, beginH, beginW, endH, endW, even;

    __device__ __forceinline__ int input(int n, int row, int column) const {
        return ((n * height + row) * width + column) * channels;
    }
    __device__ __forceinline__ int output(int n, int i, int j) const {
        return ((n * outputH + i) * outputW + j) * channels;
    }
};

static_assert(sizeof(Pool) == 76, "the layout that README.md tells");

// Every step-th row or column from one on, the end exclusive.
struct Range {
    int from;
    int to;
    int step;
};

// The rows or columns of window i that are in [begin, end).
__device__ __forceinline__ Range window(int i, int kernel, int stride, int padding, int dilation, int begin, int end) {
    int from = i * stride - padding;
    long long to = from + (long long)dilation * kernel;
    if (from < begin) {
        from += (begin - from + dilation - 1) / dilation * dilation;
    }
    return {from, to < end ? (int)to : end, dilation};
}

// The number of a range's elements.
__device__ __forceinline__ int length(Range range) {
    return range.to > range.from ? (range.to - range.from - 1) / range.step + 1 : 0;
}

// The windows that row or column `at` is in: every step-th from one on. With dilation, they have to be looked at one by one.
__device__ __forceinline__ Range windowsOf(int at, int kernel, int stride, int padding, int dilation, int count) {
    long long beyond = at + padding - (long long)dilation * (kernel - 1) - 1;
    int to = (at + padding) / stride + 1;
    return {beyond < 0 ? 0 : (int)(beyond / stride) + 1, to < count ? to : count, 1};
}

// Whether row or column `at` of the windows' reach is an element of window i.
__device__ __forceinline__ bool isIn(int at, int i, int stride, int padding, int dilation) {
    return dilation == 1 || (at + padding - i * stride) % dilation == 0;
}

__device__ __forceinline__ Range rowsOf(const Pool& g, int i) {
    return window(i, g.kernelH, g.strideH, g.paddingH, g.dilationH, 0, g.height);
}

__device__ __forceinline__ Range columnsOf(const Pool& g, int j) {
    return window(j, g.kernelW, g.strideW, g.paddingW, g.dilationW, 0, g.width);
}

// What the average of window (i, j) divides by, at least 1.
__device__ __forceinline__ double countedIn(const Pool& g, int i, int j) {
    int rows = length(window(i, g.kernelH, g.strideH, g.paddingH, g.dilationH, g.beginH, g.endH));
    int columns = length(window(j, g.kernelW, g.strideW, g.paddingW, g.dilationW, g.beginW, g.endW));
    return (double)(rows > 1 ? rows : 1) * (columns > 1 ? columns : 1);
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
        Range rows = rowsOf(g, i);
        Range columns = columnsOf(g, j);
        Pack<T, N> best;
        for (T& each : best.data) {
            each = store<T>(-(Arithmetic<T>)__builtin_huge_val());
        }
        for (int row = rows.from; row < rows.to; row += rows.step) {
            for (int column = columns.from; column < columns.to; column += columns.step) {
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
    for (int r = rows.from; r <= row; r += rows.step) {
        int end = r < row ? columns.to : column;
        for (int s = columns.from; s < end; s += columns.step) {
            if (same(load(x[g.input(n, r, s) + c]), max)) {
                return false;
            }
        }
    }
    return true;
}

// The gradient of N neighbouring channels of a pixel.
template <int N, class T>
__device__ __forceinline__ Pack<T, N> maxGradient(
        const T* x, const T* y, const T* dy, const Pool& g, const Pack<T, N>& own, int n, int row, int column, int c) {
    Range down = windowsOf(row, g.kernelH, g.strideH, g.paddingH, g.dilationH, g.outputH);
    Range across = windowsOf(column, g.kernelW, g.strideW, g.paddingW, g.dilationW, g.outputW);
    double sums[N] = {};
    for (int i = down.from; i < down.to; i++) {
        for (int j = across.from; j < across.to; j++) {
            if (!isIn(row, i, g.strideH, g.paddingH, g.dilationH) || !isIn(column, j, g.strideW, g.paddingW, g.dilationW)) {
                continue;
            }
            Range rows = rowsOf(g, i);
            Range columns = columnsOf(g, j);
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
    return result;
}

template <int N, class T>
__device__ void maxBackward(const T* x, const T* y, const T* dy, T* dx, const Pool& g) {
    forEachPixel<N>(g.images, g.height, g.width, g.channels, [&](int n, int row, int column, int c) {
        int at = g.input(n, row, column) + c;
        storePack(dx + at, maxGradient<N>(x, y, dy, g, loadPack<N>(x + at), n, row, column, c));
    });
}

// The same where x is what an activation gave: 0 where that is at a bound. dbias is the sum of each channel.
template <int N, class T>
__device__ void maxBiasBackward(
        Activation activation, const T* x, const T* y, const T* dy, T* dz, Arithmetic<T>* partial, T* dbias, unsigned* finished,
        const Pool& g, int parts) {
    long long pixels = (long long)g.images * g.height * g.width;
    biasGradient<N, 1>(partial, dbias, finished, pixels, g.channels, parts, [=](long long pixel, long long c) {
        unsigned row = (unsigned)pixel / (unsigned)g.width;
        int at = (int)pixel * g.channels + (int)c;
        auto own = loadPack<N>(x + at);
        auto gradients = maxGradient<N>(
                x, y, dy, g, own, (int)(row / (unsigned)g.height), (int)(row % (unsigned)g.height),
                (int)((unsigned)pixel % (unsigned)g.width), (int)c);
#pragma unroll
        for (int k = 0; k < N; k++) {
            gradients.data[k] = store<T>(passed(activation, load(own.data[k]), load(gradients.data[k])));
        }
        storePack(dz + at, gradients);
        return gradients;
    });
}

template <class T>
__device__ void maxGather(const T* x, const T* y, const T* source, T* picked, const Pool& g) {
    forEachPixel<1>(g.images, g.outputH, g.outputW, g.channels, [&](int n, int i, int j, int c) {
        Range rows = rowsOf(g, i);
        Range columns = columnsOf(g, j);
        int to = g.output(n, i, j) + c;
        auto max = load(y[to]);
        T found = store<T>((Arithmetic<T>)0);
        bool searching = true;
        for (int row = rows.from; row < rows.to && searching; row += rows.step) {
            for (int column = columns.from; column < columns.to && searching; column += columns.step) {
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
// column) is the first channel of a term in x, and size(row, column) its divisor, or 0 for no term; c is the channel of the first average.
template <int N, class T, class Pixel, class Size>
__device__ __forceinline__ void averageTerms(const T* x, Range rows, Range columns, Size size, int c, Pixel pixel, T* y) {
#pragma unroll 1
    for (int k = 0; k < N; k++) {
        Arithmetic<T> sum = 0;
#pragma unroll 1
        for (int row = rows.from; row < rows.to; row += rows.step) {
#pragma unroll 1
            for (int column = columns.from; column < columns.to; column += columns.step) {
                Arithmetic<T> divisor = size(row, column);
                if (divisor > 0) {
                    sum += load(x[pixel(row, column) + c + k]) / divisor;
                }
            }
        }
        y[c + k] = store<T>(sum);
    }
}

template <int N, class T>
__device__ void average(const T* x, T* y, const Pool& g) {
    using A = Arithmetic<T>;
    forEachPixel<N>(g.images, g.outputH, g.outputW, g.channels, [&](int n, int i, int j, int c) {
        Range rows = rowsOf(g, i);
        Range columns = columnsOf(g, j);
        A size = g.even ? (A)g.kernelH * (A)g.kernelW : (A)countedIn(g, i, j);
        A sums[N] = {};
        for (int row = rows.from; row < rows.to; row += rows.step) {
            A ofRow[N] = {};
            for (int column = columns.from; column < columns.to; column += columns.step) {
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
        averageTerms<N>(x, rows, columns, [&](int, int) { return size; }, c, pixel, y + g.output(n, i, j));
    });
}

template <int N, class T>
__device__ void averageBackward(const T* dy, T* dx, const Pool& g) {
    using A = Arithmetic<T>;
    forEachPixel<N>(g.images, g.height, g.width, g.channels, [&](int n, int row, int column, int c) {
        Range down = windowsOf(row, g.kernelH, g.strideH, g.paddingH, g.dilationH, g.outputH);
        Range across = windowsOf(column, g.kernelW, g.strideW, g.paddingW, g.dilationW, g.outputW);
        // Terms are divided by their windows' sizes, or their sum where all windows have the same.
        auto sizeOf = [&](int i, int j) {
            bool inside = isIn(row, i, g.strideH, g.paddingH, g.dilationH) && isIn(column, j, g.strideW, g.paddingW, g.dilationW);
            return !inside ? (A)0 : g.even ? (A)g.kernelH * (A)g.kernelW : (A)countedIn(g, i, j);
        };
        A sums[N] = {};
        for (int i = down.from; i < down.to; i++) {
            for (int j = across.from; j < across.to; j++) {
                A size = sizeOf(i, j);
                if (size == 0) {
                    continue;
                }
                auto gradients = loadPack<N>(dy + g.output(n, i, j) + c);
#pragma unroll
                for (int k = 0; k < N; k++) {
                    sums[k] += g.even ? load(gradients.data[k]) : load(gradients.data[k]) / size;
                }
            }
        }
        A common = g.even ? (A)g.kernelH * (A)g.kernelW : (A)1;
        Pack<T, N> result;
#pragma unroll
        for (int k = 0; k < N; k++) {
            result.data[k] = store<T>(sums[k] / common);
        }
        storePack(dx + g.input(n, row, column) + c, result);
        if (areFinite(sums)) {
            return;
        }
        auto pixel = [&](int i, int j) { return g.output(n, i, j); };
        averageTerms<N>(dy, down, across, sizeOf, c, pixel, dx + g.input(n, row, column));
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
    KERNEL(max_pool_bias_backward_##name, Activation activation, const T* x, const T* y, const T* dy, T* dz,          \
            Arithmetic<T>* partial, T* dbias, unsigned* finished, Pool g, int parts) {                                \
        WITH_LANES(T, (areAligned<lanes<T>()>(x, y, dy, dz)),                                                         \
                (maxBiasBackward<N>(activation, x, y, dy, dz, partial, dbias, finished, g, parts)));                  \
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
