// The gradient of a batch normalisation as batch_norm.cu computes it, in one cooperative launch (common/grid.cuh) whose threads keep what
// they read of x and dy in registers. A file of its own, which a driver compiles when the first gradient asks for it: its PTX is longer than
// that of all other kernels of batch norms.
#include "../common/activation.cuh"
#include "../common/batch_norm.cuh"
#include "../common/grid.cuh"
#include "../common/math.cuh"

using namespace alborz;

// What a thread keeps: so many packs of x, and of dy. WholeBatchNormGradient knows the number.
constexpr int KEPT = 16;

template <class T, class P>
__device__ void backwardWhole(
        double epsilon, const T* x, const P* gamma, const Arithmetic<T>* mean, const Arithmetic<T>* variance,
        Activation activation, const T* y, const unsigned char* gate, const T* dy, T* daddend, T* dx,
        Arithmetic<T>* partial, unsigned* finished, P* dgamma, P* dbeta, Arithmetic<T>* sums, long long rows,
        long long channels) {
    using A = Arithmetic<T>;
    constexpr int N = lanes<T>();
    int width = (int)channels / N;
    Tile tile = {width, (int)threadIdx.x % width, (int)threadIdx.x / width, BLOCK / width};
    long long channel = tile.column * N;
    long long elements = rows * channels;
    auto place = [=](int k) { return ((blockIdx.x * (long long)KEPT + k) * BLOCK + threadIdx.x) * N; };
    A centre[N], inverse[N];
#pragma unroll
    for (int i = 0; i < N; i++) {
        centre[i] = mean[channel + i];
        inverse[i] = 1 / math::sqrt(variance[channel + i] + (A)epsilon);
    }
    Pack<T, N> values[KEPT];
    Pack<T, N> gradients[KEPT];
#pragma unroll
    for (int k = 0; k < KEPT; k++) {
        if (place(k) < elements) {
            values[k] = loadPack<N>(x + place(k));
            gradients[k] = loadPack<N>(dy + place(k));
        }
    }
    Sums<A, N> products = {}, totals = {}, normalized = {};
#pragma unroll
    for (int k = 0; k < KEPT; k++) {
        long long at = place(k);
        if (at < elements) {
            auto results = y == nullptr ? gradients[k] : loadPack<N>(y + at);
            unsigned bits = gate == nullptr ? ~0u : gateBits<T>(gate, at);
#pragma unroll
            for (int i = 0; i < N; i++) {
                A gradient = load(gradients[k].data[i]);
                gradient = y == nullptr ? gradient : passed(activation, load(results.data[i]), gradient);
                gradient = bits >> i & 1 ? gradient : 0;
                gradients[k].data[i] = store<T>(gradient);
                A distance = (load(values[k].data[i]) - centre[i]) * inverse[i];
                products.of[i] += gradient * distance;
                totals.of[i] += gradient;
                normalized.of[i] += distance;
            }
            if (daddend != nullptr) {
                storePack(daddend + at, gradients[k]);
            }
        }
    }
    AddSums add;
    products = tile.all(products, add);
    totals = tile.all(totals, add);
    normalized = tile.all(normalized, add);
    int parts = (int)gridDim.x;
    if (tile.lane == 0) {
        A* to = partial + blockIdx.x * channels + channel;
#pragma unroll
        for (int i = 0; i < N; i++) {
            to[i] = products.of[i];
            to[parts * channels + i] = totals.of[i];
            to[2 * parts * channels + i] = normalized.of[i];
        }
    }
    meet(finished, [=]() { joinGradients(partial, dgamma, dbeta, sums, rows, channels, parts, 0, 1); });
    A factor[N], ofGamma[N], ofBeta[N];
#pragma unroll
    for (int i = 0; i < N; i++) {
        factor[i] = load(gamma[channel + i]) * inverse[i];
        ofGamma[i] = sums[channel + i] / (A)rows;
        ofBeta[i] = sums[channels + channel + i] / (A)rows;
    }
#pragma unroll
    for (int k = 0; k < KEPT; k++) {
        if (place(k) < elements) {
#pragma unroll
            for (int i = 0; i < N; i++) {
                A distance = (load(values[k].data[i]) - centre[i]) * inverse[i];
                A centred = load(gradients[k].data[i]) - ofBeta[i] - distance * ofGamma[i];
                values[k].data[i] = store<T>(factor[i] * centred);
            }
            storePack(dx + place(k), values[k]);
        }
    }
}

// With float32 parameters only: compiling them takes long.
#define WHOLE(T, name)                                                                                                \
    KERNEL(batch_norm_backward_whole_##name, double epsilon, const T* x, const float* gamma, const float* mean,       \
            const float* variance, Activation activation, const T* NULLABLE y, const unsigned char* NULLABLE gate,    \
            const T* dy, T* NULLABLE daddend, T* dx, float* partial, unsigned* finished, float* dgamma, float* dbeta, \
            float* sums, long long rows, long long channels) {                                                        \
        backwardWhole(                                                                                                \
                epsilon, x, gamma, mean, variance, activation, y, gate, dy, daddend, dx, partial, finished, dgamma,   \
                dbeta, sums, rows, channels);                                                                         \
    }
WHOLE(float, f32)
WHOLE(f16, f16)
WHOLE(bf16, bf16)
