// y = activation(y + bias) in place, y being [rows][columns] and bias [columns] or null: what follows a matrix product.
// 16 bytes at a time where the columns and the addresses allow it.
#include "../common/math.cuh"
#include "../common/pack.cuh"

using namespace alborz;

template <int N, class T>
__device__ void addBias(const T* bias, int activation, T* y, long long rows, long long columns) {
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
#pragma unroll
        for (int i = 0; i < N; i++) {
            pack.data[i] = store<T>(activated(activation, load(pack.data[i]) + biases.of[i]));
        }
        storePack(y + at, pack);
    });
}

template <class T>
__device__ void bias(const T* bias, int activation, T* y, long long rows, long long columns) {
    constexpr int N = lanes<T>();
    if (columns % N == 0 && isAligned<N>(y)) {
        addBias<N>(bias, activation, y, rows, columns);
    } else {
        addBias<1>(bias, activation, y, rows, columns);
    }
}

#define KERNELS(T, name)                                                                                \
    KERNEL(bias_##name, const T* b, int activation, T* y, long long rows, long long columns) {          \
        bias(b, activation, y, rows, columns);                                                          \
    }
FOR_FLOATING_TYPES(KERNELS)
