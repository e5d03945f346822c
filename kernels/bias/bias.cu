// y = activation(y + bias + addend) in place, y and addend being [rows][columns], bias [columns], the last two or null: what follows a
// matrix product or a convolution.
// then: z = x + bias, and y = gelu(z) or, where there is one, y = z + other; z may be x.
// 16 bytes at a time where the columns and the addresses allow it.
#include "../common/activation.cuh"
#include "../common/bias_gradient.cuh"
#include "../common/gelu.cuh"

using namespace alborz;

template <int N, class T>
__device__ void addBias(const T* bias, const T* addend, Activation activation, T* y, long long rows, long long columns) {
    struct Biases {
        Arithmetic<T> of[N];
    };
    auto biasesFrom = [=](long long column) {
        Biases biases = {};
        for (int i = 0; i < N && bias != nullptr; i++) {
            biases.of[i] = load(bias[column + i]);
        }
        return biases;
    };
    alongColumns<N>(rows * columns, columns, biasesFrom, [=](long long at, const Biases& biases) {
        auto pack = loadPack<N>(y + at);
        auto added = addend == nullptr ? pack : loadPack<N>(addend + at);
#pragma unroll
        for (int i = 0; i < N; i++) {
            Arithmetic<T> sum = load(pack.data[i]) + biases.of[i];
            sum += addend == nullptr ? 0 : load(added.data[i]);
            pack.data[i] = store<T>(activated(activation, sum));
        }
        storePack(y + at, pack);
    });
}

template <class T>
__device__ void bias(const T* bias, const T* addend, Activation activation, T* y, long long rows, long long columns) {
    constexpr int N = lanes<T>();
    if (columns % N == 0 && isAligned<N>(y) && isAligned<N>(addend)) {
        addBias<N>(bias, addend, activation, y, rows, columns);
    } else {
        addBias<1>(bias, addend, activation, y, rows, columns);
    }
}

template <int N, class T>
__device__ void then(
        const T* bias, const T* x, const T* other, T* z, T* y, long long rows, long long columns) {
    struct Biases {
        Arithmetic<T> of[N];
    };
    auto biasesFrom = [=](long long column) {
        Biases biases;
        for (int i = 0; i < N; i++) {
            biases.of[i] = load(bias[column + i]);
        }
        return biases;
    };
    alongColumns<N>(rows * columns, columns, biasesFrom, [=](long long at, const Biases& biases) {
        auto sums = loadPack<N>(x + at);
        auto results = other == nullptr ? sums : loadPack<N>(other + at);
        for (int i = 0; i < N; i++) {
            sums.data[i] = store<T>(load(sums.data[i]) + biases.of[i]);
            Arithmetic<T> sum = load(sums.data[i]);
            results.data[i] = store<T>(other == nullptr ? gelu(sum) : sum + load(results.data[i]));
        }
        storePack(z + at, sums);
        storePack(y + at, results);
    });
}

template <int N, class T>
__device__ void backward(
        Activation activation, const T* y, const T* dy, T* dz, Arithmetic<T>* partial, T* dbias, unsigned* finished,
        long long rows, long long columns, int parts) {
    biasGradient<N, 4>(partial, dbias, finished, rows, columns, parts, [=](long long row, long long column) {
        long long at = row * columns + column;
        auto results = loadPack<N>(y + at);
        auto gradients = loadPack<N>(dy + at);
#pragma unroll
        for (int i = 0; i < N; i++) {
            gradients.data[i] = store<T>(passed(activation, load(results.data[i]), load(gradients.data[i])));
        }
        storePack(dz + at, gradients);
        return gradients;
    });
}

#define KERNELS(T, name)                                                                                              \
    KERNEL(bias_##name, const T* NULLABLE b, const T* NULLABLE addend, Activation activation, T* y,                   \
            long long rows, long long columns) {                                                                      \
        bias(b, addend, activation, y, rows, columns);                                                                \
    }                                                                                                                 \
    KERNEL(bias_then_##name, const T* b, const T* x, const T* NULLABLE other, T* z, T* y, long long rows,            \
            long long columns) {                                                                                      \
        constexpr int N = lanes<T>();                                                                                 \
        if (columns % N == 0 && isAligned<N>(x) && isAligned<N>(other) && isAligned<N>(z) && isAligned<N>(y)) {       \
            then<N>(b, x, other, z, y, rows, columns);                                                                \
        } else {                                                                                                      \
            then<1>(b, x, other, z, y, rows, columns);                                                                \
        }                                                                                                             \
    }                                                                                                                 \
    KERNEL(bias_backward_##name, Activation activation, const T* y, const T* dy, T* dz, Arithmetic<T>* partial,       \
            T* dbias, unsigned* finished, long long rows, long long columns, int parts) {                             \
        constexpr int N = lanes<T>();                                                                                 \
        if (columns % N == 0 && isAligned<N>(y) && isAligned<N>(dy) && isAligned<N>(dz)) {                            \
            backward<N>(activation, y, dy, dz, partial, dbias, finished, rows, columns, parts);                       \
        } else {                                                                                                      \
            backward<1>(activation, y, dy, dz, partial, dbias, finished, rows, columns, parts);                       \
        }                                                                                                             \
    }
FOR_FLOATING_TYPES(KERNELS)
