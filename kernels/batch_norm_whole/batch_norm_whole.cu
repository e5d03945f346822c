// The gradient of a batch normalisation as batch_norm.cu computes it, in one cooperative launch (common/grid.cuh) whose threads keep what
// they read of x and dy in registers and shared memory. A file of its own, which a driver compiles when the first gradient asks for it: its PTX is longer than
// that of all other kernels of batch norms.
#include "../common/activation.cuh"
#include "../common/batch_norm.cuh"
#include "../common/dynamic_shared.cuh"
#include "../common/grid.cuh"
#include "../common/math.cuh"

using namespace alborz;

// What a thread keeps in registers: so many packs of x, and of dy. WholeBatchNormGradient knows the number.
constexpr int KEPT = 16;

// How many of those in shared memory are read at a time, of which they are a multiple.
constexpr int AT_ONCE = 8;

template <class T, class P>
__device__ void backwardWhole(
        double epsilon, const T* x, const P* gamma, const Arithmetic<T>* mean, const Arithmetic<T>* variance,
        Activation activation, const T* y, const unsigned char* gate, const T* dy, T* daddend, T* dx,
        Arithmetic<T>* partial, unsigned* finished, P* dgamma, P* dbeta, Arithmetic<T>* sums, long long rows,
        long long channels, int inShared) {
    using A = Arithmetic<T>;
    constexpr int N = lanes<T>();
    int width = (int)channels / N;
    Tile tile = {width, (int)threadIdx.x % width, (int)threadIdx.x / width, BLOCK / width};
    long long channel = tile.column * N;
    long long elements = rows * channels;
    auto place = [=](int k) { return ((blockIdx.x * (long long)(KEPT + inShared) + k) * BLOCK + threadIdx.x) * N; };
    auto sharedValues = static_cast<Pack<T, N>*>(dynamicShared()) + threadIdx.x;  // [inShared][BLOCK] from the block's first
    auto sharedGradients = sharedValues + inShared * BLOCK;
    A centre[N], inverse[N];
#pragma unroll
    for (int i = 0; i < N; i++) {
        centre[i] = mean[channel + i];
        inverse[i] = 1 / math::sqrt(variance[channel + i] + (A)epsilon);
    }
    Sums<A, N> products = {}, totals = {}, normalized = {};
    // Takes dy where the activation lets it pass, and adds it up.
    auto sum = [&](long long at, const Pack<T, N>& xs, Pack<T, N>& dys) {
        auto results = y == nullptr ? dys : loadPack<N>(y + at);
        unsigned bits = gate == nullptr ? ~0u : gateBits<T>(gate, at);
#pragma unroll
        for (int i = 0; i < N; i++) {
            A gradient = load(dys.data[i]);
            gradient = y == nullptr ? gradient : passed(activation, load(results.data[i]), gradient);
            gradient = bits >> i & 1 ? gradient : 0;
            dys.data[i] = store<T>(gradient);
            A distance = (load(xs.data[i]) - centre[i]) * inverse[i];
            products.of[i] += gradient * distance;
            totals.of[i] += gradient;
            normalized.of[i] += distance;
        }
        if (daddend != nullptr) {
            storePack(daddend + at, dys);
        }
    };
    for (int from = 0; from < inShared; from += AT_ONCE) {
        Pack<T, N> xs[AT_ONCE];
        Pack<T, N> dys[AT_ONCE];
#pragma unroll
        for (int k = 0; k < AT_ONCE; k++) {
            if (place(KEPT + from + k) < elements) {
                xs[k] = loadPack<N>(x + place(KEPT + from + k));
                dys[k] = loadPack<N>(dy + place(KEPT + from + k));
            }
        }
#pragma unroll
        for (int k = 0; k < AT_ONCE; k++) {
            if (place(KEPT + from + k) < elements) {
                sum(place(KEPT + from + k), xs[k], dys[k]);
                sharedValues[(from + k) * BLOCK] = xs[k];
                sharedGradients[(from + k) * BLOCK] = dys[k];
            }
        }
    }
    // Behind the others, for which registers are free until then.
    Pack<T, N> values[KEPT];
    Pack<T, N> gradients[KEPT];
#pragma unroll
    for (int k = 0; k < KEPT; k++) {
        if (place(k) < elements) {
            values[k] = loadPack<N>(x + place(k));
            gradients[k] = loadPack<N>(dy + place(k));
        }
    }
#pragma unroll
    for (int k = 0; k < KEPT; k++) {
        if (place(k) < elements) {
            sum(place(k), values[k], gradients[k]);
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
    auto apply = [&](long long at, Pack<T, N> pack, const Pack<T, N>& dys) {
#pragma unroll
        for (int i = 0; i < N; i++) {
            A distance = (load(pack.data[i]) - centre[i]) * inverse[i];
            A centred = load(dys.data[i]) - ofBeta[i] - distance * ofGamma[i];
            pack.data[i] = store<T>(factor[i] * centred);
        }
        storePack(dx + at, pack);
    };
#pragma unroll
    for (int k = 0; k < KEPT; k++) {
        if (place(k) < elements) {
            apply(place(k), values[k], gradients[k]);
        }
    }
#pragma unroll 4
    for (int k = 0; k < inShared; k++) {
        if (place(KEPT + k) < elements) {
            apply(place(KEPT + k), sharedValues[k * BLOCK], sharedGradients[k * BLOCK]);
        }
    }
}

// With float32 parameters only: compiling them takes long.
#define WHOLE(T, name)                                                                                                \
    KERNEL(batch_norm_backward_whole_##name, double epsilon, const T* x, const float* gamma, const float* mean,       \
            const float* variance, Activation activation, const T* NULLABLE y, const unsigned char* NULLABLE gate,    \
            const T* dy, T* NULLABLE daddend, T* dx, float* partial, unsigned* finished, float* dgamma, float* dbeta, \
            float* sums, long long rows, long long channels, int inShared) {                                          \
        backwardWhole(                                                                                                \
                epsilon, x, gamma, mean, variance, activation, y, gate, dy, daddend, dx, partial, finished, dgamma,   \
                dbeta, sums, rows, channels, inShared);                                                               \
    }
WHOLE(float, f32)
WHOLE(f16, f16)
WHOLE(bf16, bf16)
