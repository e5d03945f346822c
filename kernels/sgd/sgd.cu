// One step of stochastic gradient descent in place over flat buffers of one order (org.alborz.backend.SgdStep). velocity is null where
// there is no momentum; it is of the type that T is computed in, since in 16 bits it would stall.
#include "../common/pack.cuh"
#include "../common/step_numbers.cuh"

using namespace alborz;

struct Constants {
    double rate, momentum, decay;
};

template <class T>
__device__ void sgd(
        const Constants& k, int nesterov, T* value, const T* gradient, Arithmetic<T>* velocity, long long n) {
    using A = Arithmetic<T>;
    constexpr int N = lanes<T>();
    A rate = (A)k.rate, momentum = (A)k.momentum, decay = (A)k.decay;
    bool aligned = isAligned<N>(value) && isAligned<N>(gradient) && isAligned<N>(velocity);
    inPacks<N>(n, aligned, [&](long long at, auto width) {
        constexpr int count = decltype(width)::count;
        auto values = loadPack<count>(value + at);
        auto gradients = loadPack<count>(gradient + at);
        Pack<A, count> speeds = {};
        if (velocity != nullptr) {
            speeds = loadPack<count>(velocity + at);
        }
#pragma unroll
        for (int i = 0; i < count; i++) {
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
    });
}

#define KERNELS(T, name)                                                                                               \
    KERNEL(sgd_##name, double rate, double momentum, double decay, int nesterov, const double* NULLABLE numbers,       \
            T* value, const T* gradient, Arithmetic<T>* NULLABLE velocity, long long n) {                              \
        double own = numbers == nullptr ? rate : numbers[RATE];                                                        \
        if (!isNone(numbers)) {                                                                                        \
            sgd(Constants{own, momentum, decay}, nesterov, value, gradient, velocity, n);                              \
        }                                                                                                              \
    }
FOR_FLOATING_TYPES(KERNELS)
