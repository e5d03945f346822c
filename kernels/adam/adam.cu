// One step of Adam or AdamW in place over flat buffers of one order (org.alborz.backend.AdamStep), with the constants of the CPU's
// version. The moments are of the type that T is computed in: in 16 bits a running average stalls where 1 − β is below a unit in the last
// place, and squares of small gradients are 0.
#include "../common/math.cuh"
#include "../common/pack.cuh"
#include "../common/step_numbers.cuh"

using namespace alborz;

struct Constants {
    double beta1, beta2, rate, correction, epsilon, decay, shrink;

    // With the rate, the correction and the shrink of the step's numbers in memory, if there are any.
    __device__ Constants of(const double* numbers) const {
        if (numbers == nullptr) {
            return *this;
        }
        return Constants{beta1, beta2, numbers[RATE], numbers[CORRECTION], epsilon, decay, numbers[SHRINK]};
    }
};

template <class T>
__device__ void adam(
        const Constants& k, T* value, const T* gradient, Arithmetic<T>* first, Arithmetic<T>* second, long long n) {
    using A = Arithmetic<T>;
    constexpr int N = lanes<T>();
    A beta1 = (A)k.beta1, rest1 = (A)(1 - k.beta1), beta2 = (A)k.beta2, rest2 = (A)(1 - k.beta2);
    A rate = (A)k.rate, correction = (A)k.correction, epsilon = (A)k.epsilon, decay = (A)k.decay, shrink = (A)k.shrink;
    bool aligned = isAligned<N>(value) && isAligned<N>(gradient) && isAligned<N>(first) && isAligned<N>(second);
    inPacks<N>(n, aligned, [&](long long at, auto width) {
        constexpr int count = decltype(width)::count;
        auto values = loadPack<count>(value + at);
        auto gradients = loadPack<count>(gradient + at);
        auto means = loadPack<count>(first + at);
        auto squares = loadPack<count>(second + at);
#pragma unroll
        for (int i = 0; i < count; i++) {
            A theta = load(values.data[i]);
            A slope = math::fma(theta, decay, load(gradients.data[i]));
            A mean = means.data[i] * beta1 + slope * rest1;
            A square = squares.data[i] * beta2 + slope * slope * rest2;
            A move = mean * rate / (math::sqrt(square * correction) + epsilon);
            means.data[i] = mean;
            squares.data[i] = square;
            values.data[i] = store<T>(theta * shrink - move);
        }
        storePack(first + at, means);
        storePack(second + at, squares);
        storePack(value + at, values);
    });
}

#define KERNELS(T, name)                                                                                               \
    KERNEL(adam_##name, double beta1, double beta2, double rate, double correction, double epsilon, double decay,      \
            double shrink, const double* NULLABLE numbers, T* value, const T* gradient, Arithmetic<T>* first,          \
            Arithmetic<T>* second, long long n) {                                                                      \
        Constants k{beta1, beta2, rate, correction, epsilon, decay, shrink};                                           \
        if (!isNone(numbers)) {                                                                                        \
            adam(k.of(numbers), value, gradient, first, second, n);                                                    \
        }                                                                                                              \
    }
FOR_FLOATING_TYPES(KERNELS)
