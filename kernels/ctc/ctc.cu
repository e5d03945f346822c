// Connectionist temporal classification (org.alborz.backend.Ctc): logs and dLogs are [n][times][classes], labels [n][most], a block a sequence.
// The states of a sequence are its labels with blanks around them; alpha[t][s] is the log-probability of all ways that are in state s after
// output t, beta that of all ways from there to the end. Both, and all sums, are double whatever the type. scratch has for each sequence
// 2 rows of `states` = 2·most + 1 numbers, backward times + 3: alpha of every time, two of beta, and one of shares.
// A label that is no class or a length outside of its tensor is reported, and the loss and the gradient are 0.
#include "../common/fault.cuh"
#include "../common/math.cuh"
#include "../common/team.cuh"
#include "../common/types.cuh"

using namespace alborz;

struct Sequence {
    const int* labels;
    int length;
    int count;
    int blank;
    bool valid;

    __device__ __forceinline__ Sequence(
            int blank, const int* all, const int* inputLengths, const int* labelLengths, long long number, int times,
            int classes, int most, IndexFault* fault)
        : labels(all + number * most), length(inputLengths[number]), count(labelLengths[number]), blank(blank) {
        bool outside = isOutside(length, times + 1, number, fault) || isOutside(count, most + 1, number, fault);
        int bad = 0;
        if (!outside) {
            for (int i = threadIdx.x; i < count; i += BLOCK) {
                bad += isOutside(labels[i], classes, number * most + i, fault);
            }
        }
        valid = Block::all(bad, Sum()) == 0 && !outside;
    }

    __device__ __forceinline__ int states() const { return 2 * count + 1; }
    __device__ __forceinline__ int label(int state) const { return state % 2 == 0 ? blank : labels[state / 2]; }

    // Whether a state can follow the one two before it.
    __device__ __forceinline__ bool skips(int state) const {
        return state >= 2 && state % 2 == 1 && label(state) != blank && label(state) != label(state - 2);
    }
};

__device__ __forceinline__ double impossible() { return -math::infinity<double>(); }

// The logarithm of the sum of three exponentials, NaN if one is.
__device__ __forceinline__ double logSum(double a, double b, double c) {
    double largest = math::maximum(math::maximum(a, b), c);
    if (largest == impossible()) {
        return largest;
    }
    return largest + math::log(math::exp(a - largest) + math::exp(b - largest) + math::exp(c - largest));
}

// Makes the alpha of a time from that of the time before, null at the first.
template <class T>
__device__ void advance(const Sequence& s, const T* logs, const double* before, double* alpha) {
    for (int i = threadIdx.x; i < s.states(); i += BLOCK) {
        double sum = i < 2 ? 0 : impossible();
        if (before != nullptr) {
            sum = logSum(
                    before[i], i > 0 ? before[i - 1] : impossible(), s.skips(i) ? before[i - 2] : impossible());
        }
        alpha[i] = sum + (double)load(logs[s.label(i)]);
    }
    __syncthreads();
}

// The log-probability of the labels, of the last alpha.
__device__ __forceinline__ double total(const Sequence& s, const double* alpha) {
    if (s.length == 0) {
        return s.count == 0 ? 0 : impossible();
    }
    return logSum(alpha[s.states() - 1], s.count == 0 ? impossible() : alpha[s.states() - 2], impossible());
}

template <class T>
__device__ void forward(
        int blank, const T* logs, const int* labels, const int* inputLengths, const int* labelLengths, double* scratch,
        T* losses, long long n, int times, int classes, int most, IndexFault* fault) {
    int states = 2 * most + 1;
    for (long long number = blockIdx.x; number < n; number += gridDim.x) {
        Sequence s(blank, labels, inputLengths, labelLengths, number, times, classes, most, fault);
        double* rows = scratch + number * 2 * states;
        const double* last = nullptr;
        for (int t = 0; s.valid && t < s.length; t++) {
            double* alpha = rows + (t % 2) * states;
            advance(s, logs + (number * times + t) * classes, last, alpha);
            last = alpha;
        }
        if (threadIdx.x == 0) {
            losses[number] = store<T>(s.valid ? (Arithmetic<T>)-total(s, last) : (Arithmetic<T>)0);
        }
        __syncthreads();
    }
}

// Adds up the shares of the states of each class: of the blank by all threads, of a label by the thread of its first state.
template <class T>
__device__ void addShares(const Sequence& s, const double* shares, double slope, T* gradient) {
    double own = 0;
    for (int i = threadIdx.x; i < s.states(); i += BLOCK) {
        own += s.label(i) == s.blank ? shares[i] : 0;
    }
    double ofBlank = Block::all(own, Sum());
    if (threadIdx.x == 0) {
        gradient[s.blank] = store<T>((Arithmetic<T>)(-ofBlank * slope));
    }
    for (int k = threadIdx.x; k < s.count; k += BLOCK) {
        int label = s.labels[k];
        bool first = label != s.blank;
        for (int j = 0; first && j < k; j++) {
            first = s.labels[j] != label;
        }
        if (first) {
            double sum = 0;
            for (int j = k; j < s.count; j++) {
                sum += s.labels[j] == label ? shares[2 * j + 1] : 0;
            }
            gradient[label] = store<T>((Arithmetic<T>)(-sum * slope));
        }
    }
}

template <class T>
__device__ void backward(
        int blank, const T* logs, const int* labels, const int* inputLengths, const int* labelLengths, double* scratch,
        const T* dLosses, T* dLogs, long long n, int times, int classes, int most, IndexFault* fault) {
    int states = 2 * most + 1;
    for (long long number = blockIdx.x; number < n; number += gridDim.x) {
        Sequence s(blank, labels, inputLengths, labelLengths, number, times, classes, most, fault);
        double* alphas = scratch + number * (times + 3) * states;
        double* beta = alphas + (long long)times * states;
        double* from = beta + states;
        double* shares = from + states;
        const T* outputs = logs + number * times * classes;
        T* gradients = dLogs + number * times * classes;
        for (long long i = threadIdx.x; i < (long long)times * classes; i += BLOCK) {
            gradients[i] = store<T>((Arithmetic<T>)0);
        }
        for (int t = 0; s.valid && t < s.length; t++) {
            double* alpha = alphas + (long long)t * states;
            advance(s, outputs + (long long)t * classes, t == 0 ? nullptr : alpha - states, alpha);
        }
        double whole = s.valid ? total(s, alphas + (long long)(s.length > 0 ? s.length - 1 : 0) * states) : impossible();
        double slope = load(dLosses[number]);
        for (int i = threadIdx.x; s.valid && i < s.states(); i += BLOCK) {
            beta[i] = i + 2 >= s.states() ? 0 : impossible();
        }
        __syncthreads();
        for (int t = whole == impossible() ? -1 : s.length - 1; t >= 0; t--) {
            for (int i = threadIdx.x; i < s.states(); i += BLOCK) {
                shares[i] = math::exp(alphas[(long long)t * states + i] + beta[i] - whole);
                from[i] = beta[i] + (double)load(outputs[(long long)t * classes + s.label(i)]);
            }
            __syncthreads();
            addShares(s, shares, slope, gradients + (long long)t * classes);
            for (int i = threadIdx.x; i < s.states(); i += BLOCK) {
                beta[i] = logSum(
                        from[i], i + 1 < s.states() ? from[i + 1] : impossible(),
                        i + 2 < s.states() && s.skips(i + 2) ? from[i + 2] : impossible());
            }
            __syncthreads();
        }
    }
}

#define KERNELS(T, name)                                                                                               \
    KERNEL(ctc_##name, int blank, const T* logs, const int* labels, const int* inputLengths, const int* labelLengths,  \
            double* scratch, T* losses, long long n, int times, int classes, int most, IndexFault* fault) {            \
        forward(blank, logs, labels, inputLengths, labelLengths, scratch, losses, n, times, classes, most, fault);     \
    }                                                                                                                  \
    KERNEL(ctc_backward_##name, int blank, const T* logs, const int* labels, const int* inputLengths,                  \
            const int* labelLengths, double* scratch, const T* dLosses, T* dLogs, long long n, int times, int classes, \
            int most, IndexFault* fault) {                                                                             \
        backward(                                                                                                      \
                blank, logs, labels, inputLengths, labelLengths, scratch, dLosses, dLogs, n, times, classes, most,     \
                fault);                                                                                                \
    }
FOR_FLOATING_TYPES(KERNELS)
