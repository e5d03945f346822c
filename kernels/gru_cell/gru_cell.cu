// The gates of a GRU's step (org.alborz.backend.GruCell): sums are [rows][3][hidden] in the order reset, update, candidate, gates
// [rows][4][hidden], which are those applied and the candidate's sum of the hidden state; states [rows][hidden]. A thread an element of the
// state.
#include "../common/math.cuh"
#include "../common/types.cuh"

using namespace alborz;

template <class A>
__device__ __forceinline__ A sigmoid(A x) {
    return 1 / (1 + math::exp(-x));
}

template <class T>
__device__ void forward(
        const T* ofInput, const T* ofHidden, const T* hidden, T* next, T* gates, long long n, long long width) {
    using A = Arithmetic<T>;
    for (long long at = firstElement(); at < n; at += elementStep()) {
        long long sum = at / width * 3 * width + at % width;
        long long gate = at / width * 4 * width + at % width;
        A reset = sigmoid(load(ofInput[sum]) + load(ofHidden[sum]));
        A update = sigmoid(load(ofInput[sum + width]) + load(ofHidden[sum + width]));
        A inner = load(ofHidden[sum + 2 * width]);
        A candidate = math::tanh(load(ofInput[sum + 2 * width]) + reset * inner);
        gates[gate] = store<T>(reset);
        gates[gate + width] = store<T>(update);
        gates[gate + 2 * width] = store<T>(candidate);
        gates[gate + 3 * width] = store<T>(inner);
        next[at] = store<T>(candidate + update * (load(hidden[at]) - candidate));
    }
}

template <class T>
__device__ void backward(
        const T* hidden, const T* gates, const T* dNext, T* dOfInput, T* dOfHidden, T* dHidden, long long n,
        long long width) {
    using A = Arithmetic<T>;
    for (long long at = firstElement(); at < n; at += elementStep()) {
        long long sum = at / width * 3 * width + at % width;
        long long gate = at / width * 4 * width + at % width;
        A reset = load(gates[gate]);
        A update = load(gates[gate + width]);
        A candidate = load(gates[gate + 2 * width]);
        A slope = load(dNext[at]);
        A ofCandidate = slope * (1 - update) * (1 - candidate * candidate);
        A ofReset = ofCandidate * load(gates[gate + 3 * width]) * (reset - reset * reset);
        A ofUpdate = slope * (load(hidden[at]) - candidate) * (update - update * update);
        dOfInput[sum] = store<T>(ofReset);
        dOfHidden[sum] = store<T>(ofReset);
        dOfInput[sum + width] = store<T>(ofUpdate);
        dOfHidden[sum + width] = store<T>(ofUpdate);
        dOfInput[sum + 2 * width] = store<T>(ofCandidate);
        dOfHidden[sum + 2 * width] = store<T>(ofCandidate * reset);
        dHidden[at] = store<T>(slope * update);
    }
}

#define KERNELS(T, name)                                                                                               \
    KERNEL(gru_cell_##name, const T* ofInput, const T* ofHidden, const T* hidden, T* next, T* gates, long long n,      \
            long long width) {                                                                                         \
        forward(ofInput, ofHidden, hidden, next, gates, n, width);                                                     \
    }                                                                                                                  \
    KERNEL(gru_cell_backward_##name, const T* hidden, const T* gates, const T* dNext, T* dOfInput, T* dOfHidden,       \
            T* dHidden, long long n, long long width) {                                                                \
        backward(hidden, gates, dNext, dOfInput, dOfHidden, dHidden, n, width);                                        \
    }
FOR_FLOATING_TYPES(KERNELS)
