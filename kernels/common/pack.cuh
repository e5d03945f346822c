// Moves several neighbouring elements at once, up to 16 bytes in one instruction.
#pragma once

#include "types.cuh"

namespace alborz {

template <class T, int N>
struct alignas(N * sizeof(T) < 16 ? N * sizeof(T) : 16) Pack {
    T data[N];
};

// How many elements of the widest of the types are 16 bytes.
template <class T, class U = T>
__device__ constexpr int lanes() {
    return 16 / (sizeof(T) > sizeof(U) ? sizeof(T) : sizeof(U));
}

template <int N, class T>
__device__ __forceinline__ bool isAligned(const T* p) {
    return (unsigned long long)p % alignof(Pack<T, N>) == 0;
}

template <int N, class T>
__device__ __forceinline__ Pack<T, N> loadPack(const T* p) {
    return *reinterpret_cast<const Pack<T, N>*>(p);
}

template <class T, int N>
__device__ __forceinline__ void storePack(T* p, const Pack<T, N>& pack) {
    *reinterpret_cast<Pack<T, N>*>(p) = pack;
}

template <int N>
struct Lanes {
    static constexpr int count = N;
};

// Calls body(at, Lanes<N>) for each N elements if the addresses allow it, and body(at, Lanes<1>) for the rest.
template <int N, class Body>
__device__ __forceinline__ void inPacks(long long n, bool aligned, Body body) {
    long long packs = aligned ? n / N : 0;
    for (long long i = firstElement(); i < packs; i += elementStep()) {
        body(i * N, Lanes<N>());
    }
    for (long long i = packs * N + firstElement(); i < n; i += elementStep()) {
        body(i, Lanes<1>());
    }
}

// A matrix of rows is read element by element; this knows the column, without dividing at each step.
struct Column {
    long long at;
    long long step;
    long long columns;

    __device__ __forceinline__ static Column of(long long element, long long elementsToNext, long long columns) {
        return {element % columns, elementsToNext % columns, columns};
    }

    __device__ __forceinline__ void next() {
        at += step;
        at -= at >= columns ? columns : 0;
    }
};

// Calls body(at, parameters) for the elements of [rows, columns], where Parameters(column) holds what belongs to a column; it is made
// again only when this thread comes to another column.
template <int N, class Make, class Body>
__device__ __forceinline__ void alongColumns(long long elements, long long columns, Make make, Body body) {
    Column column = Column::of(firstElement() * N, elementStep() * N, columns);
    auto parameters = make(column.at < columns ? column.at : 0);
    for (long long at = firstElement() * N; at < elements; at += elementStep() * N) {
        body(at, parameters);
        if (column.step != 0) {
            column.next();
            parameters = make(column.at);
        }
    }
}

}  // namespace alborz
