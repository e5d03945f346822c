// Normalisation of rows x [rows][width]: x̂ = c / √(mean of c² + ε) with c = x less the mean of the row, or x itself where it is not centred;
// y = x̂·gamma + beta. A team of threads a row, which reads it three times; the second and third time it is in a cache. The mean is a
// distance from the row's first number, so that equal numbers have x̂ = 0 and a large mean costs no digits.
// Backward: a team a row finds x̂ again and, with g = dy·gamma, dx = (g − mean of g − x̂·mean of g·x̂)·inverse; it leaves what x̂ is made of in
// statistics [2][rows]: the distance of the mean from the first number, and the inverse. From these tiles of columns by pieces of rows
// (common/tile.cuh) sum dy·x̂ and dy → partial [2][parts][width], and finish joins the pieces to dgamma and dbeta.
// An addend, which may be dx itself, is added to dx before that is rounded.
// Gamma, beta and their gradients are of x's type, or, in the kernels named _mixed for x of 16 bits, float32.
#include "../common/math.cuh"
#include "../common/normalization.cuh"
#include "../common/team.cuh"

using namespace alborz;

template <class A>
struct OfRow {
    A first;
    A beyond;
    A inverse;

    __device__ __forceinline__ A normalized(A x) const { return (x - first - beyond) * inverse; }
};

template <class Team, class T>
__device__ __forceinline__ OfRow<Arithmetic<T>> statisticsOf(int centred, double epsilon, const T* row, long long width) {
    using A = Arithmetic<T>;
    A first = 0;
    A beyond = 0;
    if (centred) {
        first = load(row[0]);
        A own = 0;
#pragma unroll UNROLL<A>
        for (long long i = Team::rank(); i < width; i += Team::SIZE) {
            own += load(row[i]) - first;
        }
        beyond = Team::all(own, Sum()) / (A)width;
    }
    A squares = 0;
#pragma unroll UNROLL<A>
    for (long long i = Team::rank(); i < width; i += Team::SIZE) {
        A distance = load(row[i]) - first - beyond;
        squares += distance * distance;
    }
    A variance = Team::all(squares, Sum()) / (A)width;
    return {first, beyond, 1 / math::sqrt(variance + (A)epsilon)};
}

template <class Team, class T, class P>
__device__ void forward(
        int centred, double epsilon, const T* x, const P* gamma, const P* beta, T* y, long long rows, long long width) {
    using A = Arithmetic<T>;
    for (long long row = Team::first(); row < rows; row += Team::count()) {
        const T* from = x + row * width;
        OfRow<A> of = statisticsOf<Team>(centred, epsilon, from, width);
#pragma unroll UNROLL<A>
        for (long long i = Team::rank(); i < width; i += Team::SIZE) {
            A value = of.normalized(load(from[i]));
            value = gamma == nullptr ? value : value * load(gamma[i]);
            value = beta == nullptr ? value : value + load(beta[i]);
            y[row * width + i] = store<T>(value);
        }
    }
}

template <class Team, class T, class P>
__device__ void backward(
        int centred, double epsilon, const T* x, const P* gamma, const T* dy, const T* addend, T* dx,
        Arithmetic<T>* statistics, long long rows, long long width) {
    using A = Arithmetic<T>;
    for (long long row = Team::first(); row < rows; row += Team::count()) {
        const T* from = x + row * width;
        const T* gradients = dy + row * width;
        OfRow<A> of = statisticsOf<Team>(centred, epsilon, from, width);
        A sum = 0;
        A products = 0;
#pragma unroll UNROLL<A>
        for (long long i = Team::rank(); i < width; i += Team::SIZE) {
            A gradient = load(gradients[i]);
            gradient = gamma == nullptr ? gradient : gradient * load(gamma[i]);
            sum += gradient;
            products += gradient * of.normalized(load(from[i]));
        }
        A mean = Team::all(sum, Sum()) / (A)width;
        mean = centred ? mean : (A)0;
        A product = Team::all(products, Sum()) / (A)width;
#pragma unroll UNROLL<A>
        for (long long i = Team::rank(); i < width; i += Team::SIZE) {
            A gradient = load(gradients[i]);
            gradient = gamma == nullptr ? gradient : gradient * load(gamma[i]);
            A normalized = of.normalized(load(from[i]));
            A other = addend == nullptr ? (A)0 : load(addend[row * width + i]);
            dx[row * width + i] = store<T>((gradient - mean - normalized * product) * of.inverse + other);
        }
        if (statistics != nullptr && Team::rank() == 0) {
            statistics[row] = of.beyond;
            statistics[rows + row] = of.inverse;
        }
    }
}

template <class T>
__device__ void backwardSums(
        int centred, const T* x, const T* dy, const Arithmetic<T>* statistics, Arithmetic<T>* partial, long long rows,
        long long width, int parts) {
    using A = Arithmetic<T>;
    sumColumns<2>(partial, rows, width, parts, [=](long long column) {
        return [=](long long row) {
            A first = centred ? load(x[row * width]) : 0;
            OfRow<A> of = {first, statistics[row], statistics[rows + row]};
            A gradient = load(dy[row * width + column]);
            return Sums<A, 2>{gradient * of.normalized(load(x[row * width + column])), gradient};
        };
    });
}

template <class A, class P>
__device__ void backwardFinish(const A* partial, P* dgamma, P* dbeta, long long width, int parts) {
    finishColumns<2>(partial, width, parts, [=](long long column, Sums<A, 2> total) {
        dgamma[column] = store<P>(total.of[0]);
        if (dbeta != nullptr) {
            dbeta[column] = store<P>(total.of[1]);
        }
    });
}

#define KERNELS(T, name)                                                                                              \
    KERNEL(row_norm_warp_##name, int centred, double epsilon, const T* x, const T* NULLABLE gamma,                    \
            const T* NULLABLE beta, T* y, long long rows, long long width) {                                          \
        forward<Warp>(centred, epsilon, x, gamma, beta, y, rows, width);                                              \
    }                                                                                                                 \
    KERNEL(row_norm_block_##name, int centred, double epsilon, const T* x, const T* NULLABLE gamma,                   \
            const T* NULLABLE beta, T* y, long long rows, long long width) {                                          \
        forward<Block>(centred, epsilon, x, gamma, beta, y, rows, width);                                             \
    }                                                                                                                 \
    KERNEL(row_norm_backward_warp_##name, int centred, double epsilon, const T* x, const T* NULLABLE gamma,           \
            const T* dy, const T* NULLABLE addend, T* dx, Arithmetic<T>* NULLABLE statistics, long long rows,         \
            long long width) {                                                                                        \
        backward<Warp>(centred, epsilon, x, gamma, dy, addend, dx, statistics, rows, width);                          \
    }                                                                                                                 \
    KERNEL(row_norm_backward_block_##name, int centred, double epsilon, const T* x, const T* NULLABLE gamma,          \
            const T* dy, const T* NULLABLE addend, T* dx, Arithmetic<T>* NULLABLE statistics, long long rows,         \
            long long width) {                                                                                        \
        backward<Block>(centred, epsilon, x, gamma, dy, addend, dx, statistics, rows, width);                         \
    }                                                                                                                 \
    KERNEL(row_norm_backward_sums_##name, int centred, const T* x, const T* dy, const Arithmetic<T>* statistics,      \
            Arithmetic<T>* partial, long long rows, long long width, int parts) {                                     \
        backwardSums(centred, x, dy, statistics, partial, rows, width, parts);                                        \
    }                                                                                                                 \
    KERNEL(row_norm_backward_finish_##name, const Arithmetic<T>* partial, T* dgamma, T* NULLABLE dbeta,               \
            long long width, int parts) {                                                                             \
        backwardFinish(partial, dgamma, dbeta, width, parts);                                                         \
    }
FOR_FLOATING_TYPES(KERNELS)

#define MIXED(T, name)                                                                                                \
    KERNEL(row_norm_mixed_warp_##name, int centred, double epsilon, const T* x, const Arithmetic<T>* gamma,           \
            const Arithmetic<T>* NULLABLE beta, T* y, long long rows, long long width) {                              \
        forward<Warp>(centred, epsilon, x, gamma, beta, y, rows, width);                                              \
    }                                                                                                                 \
    KERNEL(row_norm_mixed_block_##name, int centred, double epsilon, const T* x, const Arithmetic<T>* gamma,          \
            const Arithmetic<T>* NULLABLE beta, T* y, long long rows, long long width) {                              \
        forward<Block>(centred, epsilon, x, gamma, beta, y, rows, width);                                             \
    }                                                                                                                 \
    KERNEL(row_norm_backward_mixed_warp_##name, int centred, double epsilon, const T* x, const Arithmetic<T>* gamma,  \
            const T* dy, const T* NULLABLE addend, T* dx, Arithmetic<T>* statistics, long long rows,                  \
            long long width) {                                                                                        \
        backward<Warp>(centred, epsilon, x, gamma, dy, addend, dx, statistics, rows, width);                          \
    }                                                                                                                 \
    KERNEL(row_norm_backward_mixed_block_##name, int centred, double epsilon, const T* x, const Arithmetic<T>* gamma, \
            const T* dy, const T* NULLABLE addend, T* dx, Arithmetic<T>* statistics, long long rows,                  \
            long long width) {                                                                                        \
        backward<Block>(centred, epsilon, x, gamma, dy, addend, dx, statistics, rows, width);                         \
    }                                                                                                                 \
    KERNEL(row_norm_backward_finish_mixed_##name, const Arithmetic<T>* partial, Arithmetic<T>* dgamma,                \
            Arithmetic<T>* NULLABLE dbeta, long long width, int parts) {                                              \
        backwardFinish(partial, dgamma, dbeta, width, parts);                                                         \
    }
MIXED(f16, f16)
MIXED(bf16, bf16)
