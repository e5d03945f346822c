// Softmax and cross-entropy against labels, logits being [rows][classes] and the target t = (1 − ε)·onehot + ε / classes.
// losses[r] = −Σ t·logSoftmax(logits[r]), and backward dlogits[r] = (softmax(logits[r]) − t)·dlosses[r].
// mean: the mean of the losses, which the last block adds up, and its gradient, that of each loss being dmean / rows.
// A team of threads a row. A label outside the classes is reported, and 0 written for its row.
#include "../common/fault.cuh"
#include "../common/last_block.cuh"
#include "../common/softmax.cuh"

using namespace alborz;

template <class Team, class T>
__device__ void forward(
        double smoothing, const T* logits, const int* labels, Arithmetic<T>* losses, long long rows, long long classes,
        IndexFault* fault) {
    using A = Arithmetic<T>;
    for (long long row = Team::first(); row < rows; row += Team::count()) {
        const T* from = logits + row * classes;
        int label = labels[row];
        bool outside = isOutside(label, (int)classes, row, fault);
        A max = largest<Team>(from, classes);
        A log = math::log(sumOfExp<Team>(from, classes, max));
        A loss = outside ? 0 : (A)(1 - smoothing) * (log - (load(from[label]) - max));
        if (smoothing > 0) {
            A share = (A)(smoothing / classes);  // of each term, as their sum may be beyond the type
            A own = 0;
#pragma unroll UNROLL<Arithmetic<T>>
            for (long long c = Team::rank(); c < classes; c += Team::SIZE) {
                own += share * (log - (load(from[c]) - max));
            }
            loss += Team::all(own, Sum());
        }
        if (Team::rank() == 0) {
            losses[row] = outside ? (A)0 : loss;
        }
    }
}

// Takes the mean of the losses [rows]; in double, in the order of the threads.
template <class A>
__device__ void mean(const A* losses, A* to, long long rows) {
    double own = 0;
    for (long long row = threadIdx.x; row < rows; row += BLOCK) {
        own += losses[row];
    }
    double total = Block::all(own, Sum());
    if (threadIdx.x == 0) {
        *to = (A)(total / rows);
    }
}

// slope(row) is the gradient of a row's loss.
template <class Team, class T, class Slope>
__device__ void backward(
        double smoothing, const T* logits, const int* labels, T* dlogits, long long rows, long long classes,
        IndexFault* fault, Slope slopeOf) {
    using A = Arithmetic<T>;
    A everywhere = (A)(smoothing / classes);
    A atLabel = (A)(smoothing / classes + (1 - smoothing));
    for (long long row = Team::first(); row < rows; row += Team::count()) {
        const T* from = logits + row * classes;
        int label = labels[row];
        bool outside = isOutside(label, (int)classes, row, fault);
        A max = largest<Team>(from, classes);
        A sum = sumOfExp<Team>(from, classes, max);
        A slope = slopeOf(row);
#pragma unroll UNROLL<Arithmetic<T>>
        for (long long c = Team::rank(); c < classes; c += Team::SIZE) {
            A difference = math::exp(load(from[c]) - max) / sum - (c == label ? atLabel : everywhere);
            dlogits[row * classes + c] = store<T>(outside ? (A)0 : difference * slope);
        }
    }
}

#define KERNELS_OF(T, name, Team, team)                                                                                \
    KERNEL(cross_entropy_##team##_##name, double smoothing, const T* logits, const int* labels,                        \
            Arithmetic<T>* losses, long long rows, long long classes, IndexFault* fault) {                             \
        forward<Team>(smoothing, logits, labels, losses, rows, classes, fault);                                        \
    }                                                                                                                  \
    KERNEL(cross_entropy_backward_##team##_##name, double smoothing, const T* logits, const int* labels,               \
            const Arithmetic<T>* dlosses, T* dlogits, long long rows, long long classes, IndexFault* fault) {          \
        backward<Team>(smoothing, logits, labels, dlogits, rows, classes, fault,                                       \
                [=](long long row) { return dlosses[row]; });                                                          \
    }                                                                                                                  \
    KERNEL(mean_cross_entropy_##team##_##name, double smoothing, const T* logits, const int* labels,                   \
            Arithmetic<T>* losses, Arithmetic<T>* loss, unsigned* finished, long long rows, long long classes,         \
            IndexFault* fault) {                                                                                       \
        forward<Team>(smoothing, logits, labels, losses, rows, classes, fault);                                        \
        if (isLast(finished, gridDim.x)) {                                                                             \
            mean(losses, loss, rows);                                                                                  \
        }                                                                                                              \
    }                                                                                                                  \
    KERNEL(mean_cross_entropy_backward_##team##_##name, double smoothing, const T* logits, const int* labels,          \
            const Arithmetic<T>* dloss, T* dlogits, long long rows, long long classes, IndexFault* fault) {            \
        Arithmetic<T> share = *dloss * (Arithmetic<T>)(1.0 / rows);                                                    \
        backward<Team>(smoothing, logits, labels, dlogits, rows, classes, fault, [=](long long) { return share; });    \
    }
#define KERNELS(T, name) KERNELS_OF(T, name, Warp, warp) KERNELS_OF(T, name, Block, block)
FOR_FLOATING_TYPES(KERNELS)
