// Batch normalisation of x [rows][channels] with the batch's own statistics, the variance over the count of rows.
// statistics: tiles of columns by pieces of rows (common/tile.cuh) → partial [2][parts][channels]: means, then squares, of the distances
// from the first row, so that equal numbers have a mean and squares of exactly 0 there and a large mean costs no digits.
// The last block of a tile merges its pieces → mean, variance, scale = gamma / √(variance + ε), and shift = beta less what the mean lost when
// it was rounded, scaled.
// sums: likewise, of sums and squares of x [channels] that came with it. Where they lose digits, the tile's x is read as statistics does.
// apply: y = activation((x − mean)·scale + shift + addend) element by element, 16 bytes at a time where the channels and the addresses
// allow it; the addend may be null. If asked for, what is normalised is rounded to y's type before the addition.
// apply may also store a gate: which results are between the activation's bounds, as the bits of a byte for every 16 bytes of y.
// move_statistics: running = kept·running + share·observed. apply does it as well unless its running mean is null.
// Backward likewise: sums of dy·x̂, of dy, and of x̂ → dgamma, dbeta → dx = gamma / √(variance + ε) · (dy − dbeta / m − x̂·dgamma / m).
// Where a y is given, dy counts as 0 where that is at a bound of the activation, or where a gate is given, where its bit is 0; and so it is
// stored in daddend unless that is null.
// There x̂ comes of the rounded mean; the last block of a tile gives back what the rounding took, which is the mean of x̂.
// backward_of_sums: sums likewise, of those of dy and of its products with x or y [channels] that came with it. Where they lose digits, the
// tile's x and dy are read as sums does.
// batch_norm_whole does the same in one launch where x and dy fit in registers.
// Gamma, beta and their gradients are of x's type, or, in the kernels named _mixed for x of 16 bits, float32.
#include "../common/activation.cuh"
#include "../common/batch_norm.cuh"
#include "../common/batch_norm_statistics.cuh"
#include "../common/last_block.cuh"
#include "../common/math.cuh"
#include "../common/normalization.cuh"

using namespace alborz;

// Explicit, so that all kernels round alike.
template <class A>
__device__ __forceinline__ A moved(double kept, A running, double share, A observed) {
    return math::fma(running, (A)kept, observed * (A)share);
}

template <class A>
__device__ void moveStatistics(
        double kept, double shareOfMean, double shareOfVariance, const A* mean, const A* variance, A* runningMean,
        A* runningVariance, long long channels) {
    for (long long i = firstElement(); i < channels; i += elementStep()) {
        runningMean[i] = moved(kept, runningMean[i], shareOfMean, mean[i]);
        runningVariance[i] = moved(kept, runningVariance[i], shareOfVariance, variance[i]);
    }
}

template <int N, bool ALIGNED, class T>
__device__ __forceinline__ Pack<T, N> read(const T* from) {
    if constexpr (ALIGNED) {
        return loadPack<N>(from);
    } else {
        Pack<T, N> pack;
#pragma unroll
        for (int i = 0; i < N; i++) {
            pack.data[i] = from[i];
        }
        return pack;
    }
}

template <bool ALIGNED, class T, int N>
__device__ __forceinline__ void write(T* to, const Pack<T, N>& pack) {
    if constexpr (ALIGNED) {
        storePack(to, pack);
    } else {
#pragma unroll
        for (int i = 0; i < N; i++) {
            to[i] = pack.data[i];
        }
    }
}

template <int N, bool ALIGNED, class T>
__device__ void apply(
        const T* x, const Arithmetic<T>* mean, const Arithmetic<T>* scale, const Arithmetic<T>* shift, const T* addend,
        Activation activation, int rounded, T* y, unsigned char* gate, long long rows, long long channels) {
    using A = Arithmetic<T>;
    struct OfChannels {
        A mean[N];
        A scale[N];
        A shift[N];
    };
    auto make = [=](long long channel) {
        OfChannels p;
        for (int i = 0; i < N; i++) {
            p.mean[i] = mean[channel + i];
            p.scale[i] = scale[channel + i];
            p.shift[i] = shift[channel + i];
        }
        return p;
    };
    alongColumns<N>(rows * channels, channels, make, [=](long long at, const OfChannels& p) {
        auto pack = read<N, ALIGNED>(x + at);
        auto added = addend == nullptr ? pack : read<N, ALIGNED>(addend + at);
        unsigned bits = 0;
#pragma unroll
        for (int i = 0; i < N; i++) {
            A value = (load(pack.data[i]) - p.mean[i]) * p.scale[i] + p.shift[i];
            value = rounded ? load(store<T>(value)) : value;
            value += addend == nullptr ? 0 : load(added.data[i]);
            pack.data[i] = store<T>(activated(activation, value));
            bits |= (passes(activation, load(pack.data[i])) ? 1u : 0u) << i;
        }
        write<ALIGNED>(y + at, pack);
        if (N == lanes<T>() && gate != nullptr) {
            gate[at / N] = (unsigned char)bits;
        }
    });
}

template <class T, class IsNeeded>
__device__ __forceinline__ void sumParts(
        double epsilon, const T* x, const Arithmetic<T>* mean, const Arithmetic<T>* variance, Activation activation,
        const T* y, const unsigned char* gate, const T* dy, T* daddend, Arithmetic<T>* partial, long long rows,
        long long channels, int parts, IsNeeded isNeeded) {
    using A = Arithmetic<T>;
    auto ofChannel = [=](long long channel) {
        A inverse = 1 / math::sqrt(variance[channel] + (A)epsilon);
        A centre = mean[channel];
        return [=](long long row) {
            long long at = row * channels + channel;
            A gradient = load(dy[at]);
            if (gate != nullptr) {
                gradient = gateBits<T>(gate, at) & 1 ? gradient : 0;
            } else if (y != nullptr) {
                gradient = passed(activation, load(y[at]), gradient);
            }
            if (daddend != nullptr) {
                daddend[at] = store<T>(gradient);
            }
            A normalized = (load(x[at]) - centre) * inverse;
            return Sums<A, 3>{gradient * normalized, gradient, normalized};
        };
    };
    sumColumns<3>(partial, rows, channels, parts, ofChannel, isNeeded);
}

template <class T, class P>
__device__ void backwardSums(
        double epsilon, const T* x, const Arithmetic<T>* mean, const Arithmetic<T>* variance, Activation activation,
        const T* y, const unsigned char* gate, const T* dy, T* daddend, Arithmetic<T>* partial, unsigned* finished,
        P* dgamma, P* dbeta,
        Arithmetic<T>* sums, long long rows, long long channels, int parts) {
    sumParts(
            epsilon, x, mean, variance, activation, y, gate, dy, daddend, partial, rows, channels, parts, EveryTile());
    long long tiles = Tile::count(channels);
    finishTiles(finished, tiles, parts, [=](long long tile) {
        joinGradients(partial, dgamma, dbeta, sums, rows, channels, parts, tile, tiles);
    });
}

// How much larger than the variance of gamma·x̂ the square of beta may be for x̂ to come of y = gamma·x̂ + beta, which is rounded to 16 bits.
constexpr float LARGEST_SQUARE_OF_BETA = 16;

// The smallest gamma for that. Below, numbers of float16 are subnormal: they have a fixed step.
template <class T>
constexpr float SMALLEST_GAMMA = 0;
template <>
constexpr float SMALLEST_GAMMA<f16> = 0x1p-14f;

// The sum of dy·x̂ of each channel by those of dy and of dy·x or, where beta is not null, of dy·y; x and y are of type T.
template <class T>
struct ProductSums {
    using A = Arithmetic<T>;
    A epsilon;
    const A* gamma;
    const A* beta;
    const A* mean;
    const A* variance;
    const A* sums;
    const A* products;

    // Whether that of a channel of a tile has lost digits, or is no number, so that x has to be read. All threads find the same.
    __device__ __forceinline__ bool hasLostDigits(long long channels, long long number) const {
        int width = Tile::of(channels).width;
        bool lost = false;
        for (long long channel = number * width; channel < channels && channel < (number + 1) * width; channel++) {
            A centre = beta == nullptr ? mean[channel] : beta[channel];
            A limit = beta == nullptr ? LARGEST_SQUARE * variance[channel] : largestSquareOfBeta(channel);
            lost = lost || !(centre * centre < limit) || products[channel] - products[channel] != 0;
        }
        return lost;
    }

    // The variance of x̂ is less than 1 where epsilon is not small beside that of x.
    __device__ __forceinline__ A largestSquareOfBeta(long long channel) const {
        A squareOfGamma = gamma[channel] * gamma[channel];
        A ofNormalized = variance[channel] / (variance[channel] + epsilon);
        return squareOfGamma < SMALLEST_GAMMA<T> * SMALLEST_GAMMA<T>
                ? 0
                : LARGEST_SQUARE_OF_BETA * squareOfGamma * ofNormalized;
    }

    __device__ __forceinline__ A of(long long channel) const {
        double centre = beta == nullptr ? mean[channel] : beta[channel];
        double centred = (double)products[channel] - centre * (double)sums[channel];
        A scale = beta == nullptr ? math::sqrt(variance[channel] + epsilon) : gamma[channel];
        return (A)(centred / (double)scale);
    }
};

template <class T>
__device__ void backwardOfSums(
        const ProductSums<T>& given, const T* x, const T* dy, Arithmetic<T>* partial, unsigned* finished,
        Arithmetic<T>* dgamma, Arithmetic<T>* dbeta, Arithmetic<T>* sums, long long rows, long long channels, int parts) {
    auto isNeeded = [=](long long number) { return given.hasLostDigits(channels, number); };
    const T* none = nullptr;
    sumParts<T>(
            given.epsilon, x, given.mean, given.variance, Activation::NONE, none, nullptr, dy, nullptr, partial, rows,
            channels, parts, isNeeded);
    long long tiles = Tile::count(channels);
    finishTiles(finished, tiles, parts, [=](long long number) {
        if (isNeeded(number)) {
            joinGradients(partial, dgamma, dbeta, sums, rows, channels, parts, number, tiles);
            return;
        }
        Tile tile = Tile::of(channels);
        long long channel = number * tile.width + tile.column;
        if (tile.lane == 0 && channel < channels) {
            dgamma[channel] = sums[channel] = given.of(channel);
            dbeta[channel] = sums[channels + channel] = given.sums[channel];
        }
    });
}

template <int N, class T, class P>
__device__ void backwardApply(
        double epsilon, const T* x, const P* gamma, const Arithmetic<T>* mean, const Arithmetic<T>* variance,
        Activation activation, const T* y, const unsigned char* gate, const T* dy, const Arithmetic<T>* sums, T* dx,
        long long rows, long long channels) {
    using A = Arithmetic<T>;
    struct OfChannels {
        A mean[N];
        A inverse[N];
        A gamma[N];
        A dgamma[N];
        A dbeta[N];
    };
    auto make = [=](long long channel) {
        OfChannels p;
        for (int i = 0; i < N; i++) {
            p.mean[i] = mean[channel + i];
            p.inverse[i] = 1 / math::sqrt(variance[channel + i] + (A)epsilon);
            p.gamma[i] = load(gamma[channel + i]);
            p.dgamma[i] = sums[channel + i] / (A)rows;
            p.dbeta[i] = sums[channels + channel + i] / (A)rows;
        }
        return p;
    };
    alongColumns<N>(rows * channels, channels, make, [=](long long at, const OfChannels& p) {
        auto pack = loadPack<N>(x + at);
        auto gradients = loadPack<N>(dy + at);
        auto results = y == nullptr ? gradients : loadPack<N>(y + at);
        unsigned bits = gate == nullptr ? ~0u : gateBits<T>(gate, at);
#pragma unroll
        for (int i = 0; i < N; i++) {
            A normalized = (load(pack.data[i]) - p.mean[i]) * p.inverse[i];
            A gradient = load(gradients.data[i]);
            gradient = y == nullptr ? gradient : passed(activation, load(results.data[i]), gradient);
            gradient = bits >> i & 1 ? gradient : 0;
            A centred = gradient - p.dbeta[i] - normalized * p.dgamma[i];
            pack.data[i] = store<T>(p.gamma[i] * p.inverse[i] * centred);
        }
        storePack(dx + at, pack);
    });
}

#define KERNELS(T, name)                                                                                              \
    KERNEL(batch_norm_statistics_##name, double epsilon, const T* x, const T* gamma,                                  \
            const T* beta, Arithmetic<T>* partial, unsigned* finished, Arithmetic<T>* mean,                           \
            Arithmetic<T>* variance, Arithmetic<T>* scale, Arithmetic<T>* shift, long long rows, long long channels,  \
            int parts) {                                                                                              \
        Normalizer<Arithmetic<T>, T> to = {(Arithmetic<T>)epsilon, gamma, beta, mean, variance, scale, shift};        \
        statistics(x, partial, finished, to, rows, channels, parts);                                                  \
    }                                                                                                                 \
    KERNEL(batch_norm_apply_##name, const T* x, const Arithmetic<T>* mean, const Arithmetic<T>* scale,                \
            const Arithmetic<T>* shift, const T* NULLABLE addend, Activation activation, int rounded, T* y,           \
            unsigned char* NULLABLE gate, long long rows, long long channels, double kept, double shareOfMean, double shareOfVariance,\
            const Arithmetic<T>* NULLABLE variance, Arithmetic<T>* NULLABLE runningMean,                              \
            Arithmetic<T>* NULLABLE runningVariance) {                                                                \
        if (runningMean != nullptr) {                                                                                 \
            moveStatistics(                                                                                           \
                    kept, shareOfMean, shareOfVariance, mean, variance, runningMean, runningVariance, channels);      \
        }                                                                                                             \
        constexpr int N = lanes<T>();                                                                                 \
        if (channels % N == 0 && isAligned<N>(x) && isAligned<N>(addend) && isAligned<N>(y)) {                        \
            apply<N, true>(x, mean, scale, shift, addend, activation, rounded, y, gate, rows, channels);              \
        } else if (channels % N == 0) {                                                                               \
            apply<N, false>(x, mean, scale, shift, addend, activation, rounded, y, gate, rows, channels);             \
        } else {                                                                                                      \
            apply<1, false>(x, mean, scale, shift, addend, activation, rounded, y, gate, rows, channels);             \
        }                                                                                                             \
    }                                                                                                                 \
    KERNEL(batch_norm_backward_sums_##name, double epsilon, const T* x, const Arithmetic<T>* mean,                    \
            const Arithmetic<T>* variance, Activation activation, const T* NULLABLE y,                                \
            const unsigned char* NULLABLE gate, const T* dy,                                                          \
            T* NULLABLE daddend, Arithmetic<T>* partial, unsigned* finished, T* dgamma,                               \
            T* dbeta, Arithmetic<T>* sums, long long rows, long long channels, int parts) {                           \
        backwardSums(                                                                                                 \
                epsilon, x, mean, variance, activation, y, gate, dy, daddend, partial, finished, dgamma, dbeta, sums, \
                rows, channels, parts);                                                                               \
    }                                                                                                                 \
    KERNEL(batch_norm_backward_apply_##name, double epsilon, const T* x, const T* gamma,                              \
            const Arithmetic<T>* mean, const Arithmetic<T>* variance, Activation activation,                          \
            const T* NULLABLE y, const unsigned char* NULLABLE gate, const T* dy, const Arithmetic<T>* sums, T* dx,   \
            long long rows, long long channels) {                                                                     \
        constexpr int N = lanes<T>();                                                                                 \
        if (channels % N == 0 && isAligned<N>(x) && isAligned<N>(y) && isAligned<N>(dy) && isAligned<N>(dx)) {        \
            backwardApply<N>(epsilon, x, gamma, mean, variance, activation, y, gate, dy, sums, dx, rows, channels);   \
        } else {                                                                                                      \
            backwardApply<1>(epsilon, x, gamma, mean, variance, activation, y, gate, dy, sums, dx, rows, channels);   \
        }                                                                                                             \
    }
FOR_FLOATING_TYPES(KERNELS)

#define MIXED(T, name)                                                                                                \
    KERNEL(batch_norm_statistics_mixed_##name, double epsilon, const T* x, const Arithmetic<T>* gamma,                \
            const Arithmetic<T>* beta, Arithmetic<T>* partial, unsigned* finished, Arithmetic<T>* mean,               \
            Arithmetic<T>* variance, Arithmetic<T>* scale, Arithmetic<T>* shift, long long rows, long long channels,  \
            int parts) {                                                                                              \
        Normalizer<Arithmetic<T>, Arithmetic<T>> to = {                                                               \
                (Arithmetic<T>)epsilon, gamma, beta, mean, variance, scale, shift};                                   \
        statistics(x, partial, finished, to, rows, channels, parts);                                                  \
    }                                                                                                                 \
    KERNEL(batch_norm_sums_mixed_##name, double epsilon, const T* x, const Arithmetic<T>* gamma,                      \
            const Arithmetic<T>* beta, const Arithmetic<T>* sums, const Arithmetic<T>* squares,                       \
            Arithmetic<T>* partial, unsigned* finished, Arithmetic<T>* mean, Arithmetic<T>* variance,                 \
            Arithmetic<T>* scale, Arithmetic<T>* shift, long long rows, long long channels, int parts) {              \
        Normalizer<Arithmetic<T>, Arithmetic<T>> to = {                                                               \
                (Arithmetic<T>)epsilon, gamma, beta, mean, variance, scale, shift};                                   \
        statisticsOfSums(x, sums, squares, partial, finished, to, rows, channels, parts);                             \
    }                                                                                                                 \
    KERNEL(batch_norm_backward_sums_mixed_##name, double epsilon, const T* x, const Arithmetic<T>* mean,              \
            const Arithmetic<T>* variance, Activation activation, const T* NULLABLE y,                                \
            const unsigned char* NULLABLE gate, const T* dy,                                                          \
            T* NULLABLE daddend, Arithmetic<T>* partial, unsigned* finished, Arithmetic<T>* dgamma,                   \
            Arithmetic<T>* dbeta, Arithmetic<T>* sums, long long rows, long long channels, int parts) {               \
        backwardSums(                                                                                                 \
                epsilon, x, mean, variance, activation, y, gate, dy, daddend, partial, finished, dgamma, dbeta, sums, \
                rows, channels, parts);                                                                               \
    }                                                                                                                 \
    KERNEL(batch_norm_backward_of_sums_mixed_##name, double epsilon, const T* x, const Arithmetic<T>* gamma,          \
            const Arithmetic<T>* NULLABLE beta, const Arithmetic<T>* mean, const Arithmetic<T>* variance, const T* dy,\
            const Arithmetic<T>* given, const Arithmetic<T>* products, Arithmetic<T>* partial, unsigned* finished,    \
            Arithmetic<T>* dgamma, Arithmetic<T>* dbeta, Arithmetic<T>* sums, long long rows, long long channels,     \
            int parts) {                                                                                              \
        ProductSums<T> of = {(Arithmetic<T>)epsilon, gamma, beta, mean, variance, given, products};       \
        backwardOfSums(of, x, dy, partial, finished, dgamma, dbeta, sums, rows, channels, parts);                     \
    }                                                                                                                 \
    KERNEL(batch_norm_backward_apply_mixed_##name, double epsilon, const T* x, const Arithmetic<T>* gamma,            \
            const Arithmetic<T>* mean, const Arithmetic<T>* variance, Activation activation,                          \
            const T* NULLABLE y, const unsigned char* NULLABLE gate, const T* dy, const Arithmetic<T>* sums, T* dx,   \
            long long rows, long long channels) {                                                                     \
        constexpr int N = lanes<T>();                                                                                 \
        if (channels % N == 0 && isAligned<N>(x) && isAligned<N>(y) && isAligned<N>(dy) && isAligned<N>(dx)) {        \
            backwardApply<N>(epsilon, x, gamma, mean, variance, activation, y, gate, dy, sums, dx, rows, channels);   \
        } else {                                                                                                      \
            backwardApply<1>(epsilon, x, gamma, mean, variance, activation, y, gate, dy, sums, dx, rows, channels);   \
        }                                                                                                             \
    }
MIXED(f16, f16)
MIXED(bf16, bf16)

#define STATISTICS(T, name)                                                                                           \
    KERNEL(batch_norm_move_statistics_##name, double kept, double shareOfMean, double shareOfVariance, const T* mean, \
            const T* variance, T* runningMean, T* runningVariance, long long channels) {                              \
        moveStatistics(kept, shareOfMean, shareOfVariance, mean, variance, runningMean, runningVariance, channels);   \
    }
STATISTICS(float, f32)
STATISTICS(double, f64)
