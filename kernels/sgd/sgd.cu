// One step of stochastic gradient descent in place over flat buffers of one order (org.alborz.backend.SgdStep). velocity is null where
// there is no momentum; it is of the type that T is computed in, since in 16 bits it would stall.
#include "../common/gradients.cuh"
#include "../common/step_numbers.cuh"

using namespace alborz;

struct Constants {
    double rate, momentum, decay;
};

template <class T>
struct Sgd {
    using A = Arithmetic<T>;
    A rate, momentum, decay;
    int nesterov;
    T* value;
    A* velocity;

    __device__ Sgd(const Constants& k, int nesterov, T* value, A* velocity)
        : rate((A)k.rate), momentum((A)k.momentum), decay((A)k.decay), nesterov(nesterov), value(value),
          velocity(velocity) {}

    template <int N>
    __device__ bool aligned() const {
        return isAligned<N>(value) && isAligned<N>(velocity);
    }

    template <class G, int N>
    __device__ __forceinline__ Pack<T, N> step(long long at, const Pack<G, N>& gradients) const {
        auto values = loadPack<N>(value + at);
        Pack<A, N> speeds = {};
        if (velocity != nullptr) {
            speeds = loadPack<N>(velocity + at);
        }
#pragma unroll
        for (int i = 0; i < N; i++) {
            A slope = load(gradients.data[i]) + decay * load(values.data[i]);
            A speed = momentum * speeds.data[i] + slope;
            A move = nesterov != 0 ? slope + momentum * speed : speed;
            speeds.data[i] = speed;
            values.data[i] = store<T>(load(values.data[i]) - rate * move);
        }
        if (velocity != nullptr) {
            storePack(velocity + at, speeds);
        }
        storePack(value + at, values);
        return values;
    }
};

#define KERNELS(T, name)                                                                                               \
    KERNEL(sgd_##name, double rate, double momentum, double decay, int nesterov, const double* NULLABLE numbers,       \
            T* value, const T* gradient, Arithmetic<T>* NULLABLE velocity, long long n) {                              \
        double own = numbers == nullptr ? rate : numbers[RATE];                                                        \
        if (!isNone(numbers)) {                                                                                        \
            inPacks(Sgd<T>(Constants{own, momentum, decay}, nesterov, value, velocity), gradient, n);                  \
        }                                                                                                              \
    }
FOR_FLOATING_TYPES(KERNELS)

#define PARTS_KERNELS(H, name)                                                                                         \
    KERNEL(sgd_parts_##name, double rate, double momentum, double decay, int nesterov, const double* NULLABLE numbers, \
            float* value, const float* gradient, float* NULLABLE velocity, GradientParts parts, H* NULLABLE copy) {    \
        double own = numbers == nullptr ? rate : numbers[RATE];                                                        \
        Sgd<float> sgd(Constants{own, momentum, decay}, nesterov, value, velocity);                                    \
        inParts(sgd, isNone(numbers), gradient, parts, copy);                                                          \
    }
PARTS_KERNELS(f16, f16)
PARTS_KERNELS(bf16, bf16)
