// Mean and variance that are merged piece by piece without cancellation (Chan, Golub and LeVeque 1983).
#pragma once

#include "kernel.cuh"

namespace alborz {

// Of `count` numbers: their mean, and the sum of the squares of their distances from it.
template <class A>
struct Moments {
    A count;
    A mean;
    A squares;
};

struct MergeMoments {
    template <class A>
    __device__ __forceinline__ Moments<A> operator()(Moments<A> a, Moments<A> b) const {
        A count = a.count + b.count;
        if (a.count == 0 || b.count == 0) {
            return b.count == 0 ? a : b;
        }
        A share = b.count / count;
        A distance = b.mean - a.mean;
        return {count, a.mean + distance * share, a.squares + b.squares + distance * distance * a.count * share};
    }
};

}  // namespace alborz
