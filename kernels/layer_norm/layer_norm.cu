// Layer normalisation of x [rows][channels] (Ba et al. 2016): y = (x − mean) / √(variance + ε) · gamma + beta with each row's own mean
// and variance, the latter over the count of channels. A team of threads a row, which takes the mean first and then the distances
// from it; both as distances from the row's first element, so that equal numbers are exactly their mean. statistics is [2][rows]: mean,
// then 1 / √(variance + ε).
// Backward: dx a team a row; dgamma and dbeta as sums over columns (common/normalization.cuh).
#include "../common/math.cuh"
#include "../common/normalization.cuh"
#include "../common/team.cuh"

using namespace alborz;

template <class Team, class T>
__device__ void forward(
        double epsilon, const T* x, const T* gamma, const T* beta, T* y, Arithmetic<T>* statistics, long long rows,
        long long channels) {
    using A = Arithmetic<T>;
    for (long long row = Team::first(); row < rows; row += Team::count()) {
        const T* from = x + row * channels;
        A first = channels > 0 ? load(from[0]) : 0;
        A sum = 0;
#pragma unroll UNROLL<Arithmetic<T>>
        for (long long c = Team::rank(); c < channels; c += Team::SIZE) {
            sum += load(from[c]) - first;
        }
        A mean = Team::all(sum, Sum()) / (A)channels;  // less the first
        A squares = 0;
#pragma unroll UNROLL<Arithmetic<T>>
        for (long long c = Team::rank(); c < channels; c += Team::SIZE) {
            A distance = load(from[c]) - first - mean;
            squares += distance * distance;
        }
        A inverse = 1 / math::sqrt(Team::all(squares, Sum()) / (A)channels + (A)epsilon);
#pragma unroll UNROLL<Arithmetic<T>>
        for (long long c = Team::rank(); c < channels; c += Team::SIZE) {
            y[row * channels + c] = store<T>((load(from[c]) - first - mean) * inverse * load(gamma[c]) + load(beta[c]));
        }
        if (Team::rank() == 0) {
            statistics[row] = first + mean;
            statistics[rows + row] = inverse;
        }
    }
}

// With g = dy·gamma: dx = inverse · (g − mean(g) − x̂·mean(g·x̂)).
template <class Team, class T>
__device__ void backward(
        const T* x, const T* gamma, const Arithmetic<T>* statistics, const T* dy, T* dx, long long rows,
        long long channels) {
    using A = Arithmetic<T>;
    for (long long row = Team::first(); row < rows; row += Team::count()) {
        long long at = row * channels;
        A mean = statistics[row];
        A inverse = statistics[rows + row];
        A sum = 0;
        A projected = 0;
#pragma unroll UNROLL<Arithmetic<T>>
        for (long long c = Team::rank(); c < channels; c += Team::SIZE) {
            A gradient = load(dy[at + c]) * load(gamma[c]);
            sum += gradient;
            projected += gradient * (load(x[at + c]) - mean) * inverse;
        }
        sum = Team::all(sum, Sum()) / (A)channels;
        projected = Team::all(projected, Sum()) / (A)channels;
#pragma unroll UNROLL<Arithmetic<T>>
        for (long long c = Team::rank(); c < channels; c += Team::SIZE) {
            A normalized = (load(x[at + c]) - mean) * inverse;
            dx[at + c] = store<T>(inverse * (load(dy[at + c]) * load(gamma[c]) - sum - normalized * projected));
        }
    }
}

template <class T>
__device__ void backwardSums(
        const T* x, const Arithmetic<T>* statistics, const T* dy, Arithmetic<T>* partial, long long rows,
        long long channels, int parts) {
    using A = Arithmetic<T>;
    sumColumns<2>(partial, rows, channels, parts, [=](long long channel) {
        return [=](long long row) {
            A normalized = (load(x[row * channels + channel]) - statistics[row]) * statistics[rows + row];
            A gradient = load(dy[row * channels + channel]);
            return Sums<A, 2>{gradient * normalized, gradient};
        };
    });
}

template <class T>
__device__ void backwardFinish(const Arithmetic<T>* partial, T* dgamma, T* dbeta, long long channels, int parts) {
    finishColumns<2>(partial, channels, parts, [=](long long channel, Sums<Arithmetic<T>, 2> total) {
        dgamma[channel] = store<T>(total.of[0]);
        dbeta[channel] = store<T>(total.of[1]);
    });
}

#define KERNELS_OF(T, name, Team, team)                                                                                \
    KERNEL(layer_norm_##team##_##name, double epsilon, const T* x, const T* gamma, const T* beta, T* y,                \
            Arithmetic<T>* statistics, long long rows, long long channels) {                                           \
        forward<Team>(epsilon, x, gamma, beta, y, statistics, rows, channels);                                         \
    }                                                                                                                  \
    KERNEL(layer_norm_backward_##team##_##name, const T* x, const T* gamma, const Arithmetic<T>* statistics,           \
            const T* dy, T* dx, long long rows, long long channels) {                                                  \
        backward<Team>(x, gamma, statistics, dy, dx, rows, channels);                                                  \
    }
#define KERNELS(T, name)                                                                                               \
    KERNELS_OF(T, name, Warp, warp)                                                                                    \
    KERNELS_OF(T, name, Block, block)                                                                                  \
    KERNEL(layer_norm_backward_sums_##name, const T* x, const Arithmetic<T>* statistics, const T* dy,                  \
            Arithmetic<T>* partial, long long rows, long long channels, int parts) {                                   \
        backwardSums(x, statistics, dy, partial, rows, channels, parts);                                               \
    }                                                                                                                  \
    KERNEL(layer_norm_backward_finish_##name, const Arithmetic<T>* partial, T* dgamma, T* dbeta, long long channels,   \
            int parts) {                                                                                               \
        backwardFinish(partial, dgamma, dbeta, channels, parts);                                                       \
    }
FOR_FLOATING_TYPES(KERNELS)
