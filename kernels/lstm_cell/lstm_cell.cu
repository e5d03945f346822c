// The gates of an LSTM's step (org.alborz.backend.LstmCell): gates are [rows][4][hidden] in the order input, forget, cell, output, states
// [rows][hidden]. A thread an element of the state. dNext is null where nothing depends on the next cell state otherwise.
#include "../common/math.cuh"
#include "../common/types.cuh"

using namespace alborz;

template <class A>
__device__ __forceinline__ A sigmoid(A x) {
    return 1 / (1 + math::exp(-x));
}

template <class T>
__device__ void forward(
        const T* ofInput, const T* ofHidden, const T* cell, T* hidden, T* next, T* gates, long long n, long long width) {
    using A = Arithmetic<T>;
    for (long long at = firstElement(); at < n; at += elementStep()) {
        long long gate = at / width * 4 * width + at % width;
        A input = sigmoid(load(ofInput[gate]) + load(ofHidden[gate]));
        A forget = sigmoid(load(ofInput[gate + width]) + load(ofHidden[gate + width]));
        A candidate = math::tanh(load(ofInput[gate + 2 * width]) + load(ofHidden[gate + 2 * width]));
        A output = sigmoid(load(ofInput[gate + 3 * width]) + load(ofHidden[gate + 3 * width]));
        A state = forget * load(cell[at]) + input * candidate;
        gates[gate] = store<T>(input);
        gates[gate + width] = store<T>(forget);
        gates[gate + 2 * width] = store<T>(candidate);
        gates[gate + 3 * width] = store<T>(output);
        next[at] = store<T>(state);
        hidden[at] = store<T>(output * math::tanh(state));
    }
}

template <class T>
__device__ void backward(
        const T* cell, const T* next, const T* gates, const T* dHidden, const T* dNext, T* dSums, T* dCell, long long n,
        long long width) {
    using A = Arithmetic<T>;
    for (long long at = firstElement(); at < n; at += elementStep()) {
        long long gate = at / width * 4 * width + at % width;
        A input = load(gates[gate]);
        A forget = load(gates[gate + width]);
        A candidate = load(gates[gate + 2 * width]);
        A output = load(gates[gate + 3 * width]);
        A squashed = math::tanh(load(next[at]));
        A slope = load(dHidden[at]);
        A ofState = slope * output * (1 - squashed * squashed) + (dNext == nullptr ? (A)0 : (A)load(dNext[at]));
        dSums[gate] = store<T>(ofState * candidate * (input - input * input));
        dSums[gate + width] = store<T>(ofState * load(cell[at]) * (forget - forget * forget));
        dSums[gate + 2 * width] = store<T>(ofState * input * (1 - candidate * candidate));
        dSums[gate + 3 * width] = store<T>(slope * squashed * (output - output * output));
        dCell[at] = store<T>(ofState * forget);
    }
}

#define KERNELS(T, name)                                                                                               \
    KERNEL(lstm_cell_##name, const T* ofInput, const T* ofHidden, const T* cell, T* hidden, T* next, T* gates,         \
            long long n, long long width) {                                                                            \
        forward(ofInput, ofHidden, cell, hidden, next, gates, n, width);                                               \
    }                                                                                                                  \
    KERNEL(lstm_cell_backward_##name, const T* cell, const T* next, const T* gates, const T* dHidden,                  \
            const T* NULLABLE dNext, T* dSums, T* dCell, long long n, long long width) {                               \
        backward(cell, next, gates, dHidden, dNext, dSums, dCell, n, width);                                           \
    }
FOR_FLOATING_TYPES(KERNELS)
