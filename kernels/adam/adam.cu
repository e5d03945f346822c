// One step of Adam or AdamW in place over flat buffers of one order (org.alborz.backend.AdamStep), with the constants of the CPU's
// version. The moments are of the type that T is computed in: in 16 bits a running average stalls where 1 − β is below a unit in the last
// place, and squares of small gradients are 0.
#include "../common/gradients.cuh"
#include "../common/math.cuh"
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
struct Adam {
    using A = Arithmetic<T>;
    A beta1, rest1, beta2, rest2, rate, correction, epsilon, decay, shrink;
    T* value;
    A* first;
    A* second;

    __device__ Adam(const Constants& k, T* value, A* first, A* second)
        : beta1((A)k.beta1), rest1((A)(1 - k.beta1)), beta2((A)k.beta2), rest2((A)(1 - k.beta2)), rate((A)k.rate),
          correction((A)k.correction), epsilon((A)k.epsilon), decay((A)k.decay), shrink((A)k.shrink), value(value),
          first(first), second(second) {}

    template <int N>
    __device__ bool aligned() const {
        return isAligned<N>(value) && isAligned<N>(first) && isAligned<N>(second);
    }

    template <class G, int N>
    __device__ __forceinline__ Pack<T, N> step(long long at, const Pack<G, N>& gradients) const {
        auto values = loadPack<N>(value + at);
        auto means = loadPack<N>(first + at);
        auto squares = loadPack<N>(second + at);
#pragma unroll
        for (int i = 0; i < N; i++) {
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
        return values;
    }
};

#define KERNELS(T, name)                                                                                               \
    KERNEL(adam_##name, double beta1, double beta2, double rate, double correction, double epsilon, double decay,      \
            double shrink, const double* NULLABLE numbers, T* value, const T* gradient, Arithmetic<T>* first,          \
            Arithmetic<T>* second, long long n) {                                                                      \
        Constants k{beta1, beta2, rate, correction, epsilon, decay, shrink};                                           \
        if (!isNone(numbers)) {                                                                                        \
            inPacks(Adam<T>(k.of(numbers), value, first, second), gradient, n);                                        \
        }                                                                                                              \
    }
FOR_FLOATING_TYPES(KERNELS)

#define PARTS_KERNELS(H, name)                                                                                         \
    KERNEL(adam_parts_##name, double beta1, double beta2, double rate, double correction, double epsilon,              \
            double decay, double shrink, const double* NULLABLE numbers, float* value, const float* gradient,          \
            float* first, float* second, GradientParts parts, H* NULLABLE copy) {                                      \
        Constants k{beta1, beta2, rate, correction, epsilon, decay, shrink};                                           \
        inParts(Adam<float>(k.of(numbers), value, first, second), isNone(numbers), gradient, parts, copy);             \
    }
PARTS_KERNELS(f16, f16)
PARTS_KERNELS(bf16, bf16)
