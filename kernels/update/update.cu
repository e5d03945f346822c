// One step of an optimizer in place over flat buffers of one order, each number by itself (org.alborz.backend.UpdateStep; the equations are
// in UpdateRule). The states are of the type that T is computed in, since in 16 bits averages stall; those that a rule has not are null.
#include "../common/enums.cuh"
#include "../common/math.cuh"
#include "../common/pack.cuh"
#include "../common/step_numbers.cuh"

using namespace alborz;

template <class A>
struct Constants {
    A rate, gradientRate, beta1, rest1, beta2, rest2, correction, epsilon, decay, shrink;
};

template <class A>
__device__ __forceinline__ A average(A state, A share, A rest, A x) {
    return state * share + x * rest;
}

template <class A>
__device__ __forceinline__ A root(const Constants<A>& k, A square) {
    return math::sqrt(square * k.correction) + k.epsilon;
}

// Takes a gradient into the averages of squares and of gradients, and returns the deviation.
template <class A>
__device__ __forceinline__ A deviation(const Constants<A>& k, A g, A& a, A& b) {
    a = average(a, k.beta2, k.rest2, g * g);
    b = average(b, k.beta2, k.rest2, g);
    return math::sqrt(math::maximum(a - b * b, (A)0)) + k.epsilon;
}

template <class A>
__device__ __forceinline__ void moments(const Constants<A>& k, A g, A& a, A& b) {
    a = average(a, k.beta1, k.rest1, g);
    b = average(b, k.beta2, k.rest2, g * g);
}

// Changes the states and returns the new value.
template <class A>
__device__ __forceinline__ A apply(UpdateRule rule, const Constants<A>& k, A theta, A slope, A& a, A& b, A& c) {
    A g = math::fma(theta, k.decay, slope);
    A move = 0;
    switch (rule) {
        case UpdateRule::ADAGRAD:
            a = a + g * g;
            move = g * k.rate / (math::sqrt(a) + k.epsilon);
            break;
        case UpdateRule::ADADELTA: {
            a = average(a, k.beta2, k.rest2, g * g);
            A delta = math::sqrt(b + k.epsilon) / math::sqrt(a + k.epsilon) * g;
            b = average(b, k.beta2, k.rest2, delta * delta);
            move = delta * k.rate;
            break;
        }
        case UpdateRule::RMSPROP:
            a = average(a, k.beta2, k.rest2, g * g);
            move = g * k.rate / (math::sqrt(a) + k.epsilon);
            break;
        case UpdateRule::RMSPROP_MOMENTUM:
            a = average(a, k.beta2, k.rest2, g * g);
            b = b * k.beta1 + g / (math::sqrt(a) + k.epsilon);
            move = b * k.rate;
            break;
        case UpdateRule::CENTERED_RMSPROP: move = g * k.rate / deviation(k, g, a, b); break;
        case UpdateRule::CENTERED_RMSPROP_MOMENTUM:
            c = c * k.beta1 + g / deviation(k, g, a, b);
            move = c * k.rate;
            break;
        case UpdateRule::ADAMAX:
            a = average(a, k.beta1, k.rest1, g);
            b = math::maximum(b * k.beta2, (g < 0 ? -g : g) + k.epsilon);
            move = a * k.rate / b;
            break;
        case UpdateRule::NADAM:
            moments(k, g, a, b);
            move = (g * k.gradientRate + a * k.rate) / root(k, b);
            break;
        case UpdateRule::RADAM:
            moments(k, g, a, b);
            move = k.correction == 0 ? a * k.rate : a * k.rate / (math::sqrt(b) + k.epsilon);
            break;
        case UpdateRule::AMSGRAD:
            moments(k, g, a, b);
            c = math::maximum(c, b);
            move = a * k.rate / root(k, c);
            break;
        case UpdateRule::LION: {
            A mixed = average(a, k.beta1, k.rest1, g);
            a = average(a, k.beta2, k.rest2, g);
            move = mixed > 0 ? k.rate : mixed < 0 ? -k.rate : mixed * k.rate;
            break;
        }
        case UpdateRule::LAMB_DIRECTION:
            moments(k, slope, a, b);
            c = a * k.rate / root(k, b) + theta * k.decay;
            return theta;
        case UpdateRule::AVERAGE:
            a = k.rate == 1 ? theta : a * k.correction + theta * k.rate;
            return theta;
        case UpdateRule::LOOKAHEAD:
            a = k.rate == 1 ? theta : k.rate == 0 ? a : a + (theta - a) * k.rate; // 0 times what is not finite is not 0
            return a;
        default: __trap();
    }
    return theta * k.shrink - move;
}

template <class T>
__device__ void update(UpdateRule rule, const Constants<Arithmetic<T>>& k, T* value, const T* gradient,
        Arithmetic<T>* first, Arithmetic<T>* second, Arithmetic<T>* third, long long n) {
    using A = Arithmetic<T>;
    constexpr int N = lanes<T>();
    bool aligned = isAligned<N>(value) && isAligned<N>(gradient) && isAligned<N>(first) && isAligned<N>(second)
            && isAligned<N>(third);
    inPacks<N>(n, aligned, [&](long long at, auto width) {
        constexpr int count = decltype(width)::count;
        auto values = loadPack<count>(value + at);
        auto gradients = loadPack<count>(gradient + at);
        auto a = loadPack<count>(first + at);
        Pack<A, count> b = {};
        Pack<A, count> c = {};
        if (second != nullptr) {
            b = loadPack<count>(second + at);
        }
        if (third != nullptr) {
            c = loadPack<count>(third + at);
        }
#pragma unroll
        for (int i = 0; i < count; i++) {
            A theta = load(values.data[i]);
            values.data[i] = store<T>(apply<A>(rule, k, theta, load(gradients.data[i]), a.data[i], b.data[i], c.data[i]));
        }
        storePack(first + at, a);
        if (second != nullptr) {
            storePack(second + at, b);
        }
        if (third != nullptr) {
            storePack(third + at, c);
        }
        storePack(value + at, values);
    });
}

#define KERNELS(T, name)                                                                                               \
    KERNEL(update_##name, UpdateRule rule, double rate, double gradientRate, double beta1, double beta2,               \
            double correction, double epsilon, double decay, double shrink, const double* NULLABLE numbers, T* value,  \
            const T* gradient, Arithmetic<T>* first, Arithmetic<T>* NULLABLE second, Arithmetic<T>* NULLABLE third,    \
            long long n) {                                                                                             \
        using A = Arithmetic<T>;                                                                                       \
        if (numbers != nullptr) {                                                                                      \
            rate = numbers[RATE];                                                                                      \
            gradientRate = numbers[GRADIENT_RATE];                                                                     \
            correction = numbers[CORRECTION];                                                                          \
            shrink = numbers[SHRINK];                                                                                  \
        }                                                                                                              \
        Constants<A> k{(A)rate, (A)gradientRate, (A)beta1, (A)(1 - beta1), (A)beta2, (A)(1 - beta2), (A)correction,    \
                (A)epsilon, (A)decay, (A)shrink};                                                                      \
        if (!isNone(numbers)) {                                                                                        \
            update(rule, k, value, gradient, first, second, third, n);                                                 \
        }                                                                                                              \
    }
FOR_FLOATING_TYPES(KERNELS)
