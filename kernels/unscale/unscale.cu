// Divides gradients by the loss scale in place and adapts the scale for the next step (org.alborz.backend.LossScaleStep), so that the host
// need not know whether they are finite: where they are not, the numbers that the optimizer's kernels read are those of no step.
#include "../common/last_block.cuh"
#include "../common/pack.cuh"

using namespace alborz;

// What `state` holds; MARKED is 0 between kernels.
constexpr int SCALE = 0;
constexpr int STEPS = 1;
constexpr int SKIPPED = 2;
constexpr int OVERFLOWED = 3;
constexpr int MARKED = 4;

struct Adaptation {
    double growth, backoff, smallest, largest;
    int growthSteps;
};

// Returns whether the step is skipped.
__device__ bool adapt(const Adaptation& by, double* state, float* factor) {
    bool overflowed = state[MARKED] != 0;
    double scale = state[SCALE];
    double steps = overflowed ? 0 : state[STEPS] + 1;
    if (overflowed) {
        scale = scale * by.backoff < by.smallest ? by.smallest : scale * by.backoff;
        state[SKIPPED] += 1;
    } else if (steps == by.growthSteps) {
        scale = scale * by.growth > by.largest ? by.largest : scale * by.growth;
        steps = 0;
    }
    state[SCALE] = scale;
    state[STEPS] = steps;
    state[OVERFLOWED] = overflowed ? 1 : 0;
    state[MARKED] = 0;
    *factor = (float)scale;
    return overflowed;
}

KERNEL(unscale, float* gradients, double* state, float* factor, const double* NULLABLE choices, double* NULLABLE numbers,
        int rows, int count, double growth, double backoff, double smallest, double largest, int growthSteps, unsigned* finished,
        long long n) {
    constexpr int N = lanes<float>();
    float inverse = (float)(1 / state[SCALE]);
    bool finite = true;
    inPacks<N>(n, isAligned<N>(gradients), [&](long long at, auto width) {
        constexpr int lanes = decltype(width)::count;
        auto pack = loadPack<lanes>(gradients + at);
#pragma unroll
        for (int i = 0; i < lanes; i++) {
            pack.data[i] *= inverse;
            finite = finite && 0 * pack.data[i] == 0;
        }
        storePack(gradients + at, pack);
    });
    if (!finite) {
        state[MARKED] = 1;
    }
    if (isLast(finished, gridDim.x) && threadIdx.x == 0) {
        bool skipped = adapt(Adaptation{growth, backoff, smallest, largest, growthSteps}, state, factor);
        if (numbers != nullptr) {
            double place = skipped ? 0 : 1 + state[SKIPPED] - choices[0];
            int row = place >= 0 && place < rows ? (int)place : 0; // none beyond them, whatever they hold
#pragma unroll 1
            for (int i = 0; i < count; i++) {
                numbers[i] = choices[1 + (long long)row * count + i];
            }
        }
    }
}
