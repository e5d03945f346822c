// One blocked matrix product for cuBLAS and for all directions of a convolution.
//
// An input is a set of *lines*, read by `runs(line, begin, end, f)`, which calls f(offset, count, pointer, step) for
// evenly spaced pieces of the line in memory; a null pointer stands for zeros. So a convolution's patches are
// multiplied without ever being written out (an implicit GEMM), in any layout. A line runs either along k or across it.
//
// The order of every sum follows from the sizes alone, so that a result is the same each time.
#pragma once
#include <algorithm>
#include <cstdlib>
#include <memory>
#include <new>
#include <type_traits>

#include "numbers.h"

namespace soft {

#ifdef __AVX512F__
constexpr int kVectorBytes = 64;
constexpr long kRows = 12;
#else
constexpr int kVectorBytes = 32;
constexpr long kRows = 6;
#endif

template <class Acc>
constexpr long kColumns = 2 * kVectorBytes / sizeof(Acc);
constexpr long kDepth = 256; // of k, packed at a time
constexpr long kTileColumns = 256; // of n
constexpr long kTileElements = 64 * 1024; // accumulators, which stay in the second-level cache

template <class Lines>
struct Side {
    Lines lines;
    bool across; // line i holds all of k for row (column) i; otherwise line i holds row i of k for all rows (columns)
};

// Evenly spaced lines: a matrix.
template <class T>
struct Strided {
    T* base;
    long line_stride;
    long step;

    template <class F>
    void runs(long line, long begin, long end, F f) const {
        f(0L, end - begin, base + line * line_stride + begin * step, step);
    }
};

inline long round_up(long x, long to) { return (x + to - 1) / to * to; }

template <class T>
using Buffer = std::unique_ptr<T[], decltype(&std::free)>;

template <class T>
Buffer<T> buffer(long count) {
    void* memory = std::aligned_alloc(64, round_up(std::max(count, 1L) * sizeof(T), 64));
    if (memory == nullptr) throw std::bad_alloc();
    return {static_cast<T*>(memory), &std::free};
}

// packed[panel][k][lane]: panels of Width rows (columns), the last filled up with zeros.
template <long Width, class Acc, class Lines, class Convert>
void pack(const Side<Lines>& side, long first, long lanes, long k, long depth, Convert convert, Acc* packed) {
    if (lanes % Width != 0) {
        Acc* last = packed + lanes / Width * Width * depth;
        std::fill(last, last + Width * depth, Acc(0));
    }
    if (side.across) {
        for (long lane = 0; lane < lanes; lane++) {
            Acc* to = packed + lane / Width * Width * depth + lane % Width;
            side.lines.runs(first + lane, k, k + depth, [&](long at, long count, auto* from, long step) {
                if (from == nullptr) {
                    for (long i = 0; i < count; i++)
                        to[(at + i) * Width] = 0;
                } else {
                    for (long i = 0; i < count; i++)
                        to[(at + i) * Width] = convert(from[i * step]);
                }
            });
        }
        return;
    }
    for (long row = 0; row < depth; row++) {
        side.lines.runs(k + row, first, first + lanes, [&](long at, long count, auto* from, long step) {
            while (count > 0) {
                long lane = at % Width, fits = std::min(count, Width - lane);
                Acc* to = packed + at / Width * Width * depth + row * Width + lane;
                if (from == nullptr) {
                    for (long i = 0; i < fits; i++)
                        to[i] = 0;
                } else {
                    if (step == 1) {
                        for (long i = 0; i < fits; i++)
                            to[i] = convert(from[i]);
                    } else {
                        for (long i = 0; i < fits; i++)
                            to[i] = convert(from[i * step]);
                    }
                    from += fits * step;
                }
                at += fits;
                count -= fits;
            }
        });
    }
}

template <class Acc>
struct Simd {
    typedef Acc Vector __attribute__((vector_size(kVectorBytes), may_alias));
};

// sums[kRows][kColumns] += a[depth][kRows]' · b[depth][kColumns]. The product is summed in registers from zero, and
// then added: a sum of short sums loses less than one long sum.
template <class Acc>
void accumulate(long depth, const Acc* a, const Acc* b, Acc* sums, long stride) {
    using Vector = typename Simd<Acc>::Vector;
    constexpr long lanes = kColumns<Acc> / 2;
    Vector left[kRows] = {}, right[kRows] = {};
    for (long k = 0; k < depth; k++, a += kRows, b += 2 * lanes) {
        Vector b0 = *reinterpret_cast<const Vector*>(b), b1 = *reinterpret_cast<const Vector*>(b + lanes);
#pragma GCC unroll 16
        for (long r = 0; r < kRows; r++) {
            left[r] += a[r] * b0;
            right[r] += a[r] * b1;
        }
    }
#pragma GCC unroll 16
    for (long r = 0; r < kRows; r++) {
        *reinterpret_cast<Vector*>(sums + r * stride) += left[r];
        *reinterpret_cast<Vector*>(sums + r * stride + lanes) += right[r];
    }
}

// Multiplies a [m, k] by b [k, n] and hands the sums to store(row, column, count, sums), a piece of a row at a time.
// The pieces of k are added from the last to the first if `backwards`, which differs in the last digits.
template <class Acc, class A, class B, class Convert, class Store>
void product(long m, long n, long k, const Side<A>& a, const Side<B>& b, Convert convert, bool backwards, Store store) {
    constexpr long columns = kColumns<Acc>;
    const long tile_n = std::min(round_up(n, columns), kTileColumns);
    const long tile_m = std::min(round_up(m, kRows), kTileElements / tile_n / kRows * kRows);
    const long depth = std::min(k, kDepth), pieces = (k + kDepth - 1) / kDepth;
    auto packed_a = buffer<Acc>(tile_m * depth), packed_b = buffer<Acc>(tile_n * depth),
         sums = buffer<Acc>(tile_m * tile_n);
    for (long i0 = 0; i0 < m; i0 += tile_m) {
        for (long j0 = 0; j0 < n; j0 += tile_n) {
            const long rows = std::min(tile_m, m - i0), cols = std::min(tile_n, n - j0);
            std::fill(sums.get(), sums.get() + round_up(rows, kRows) * tile_n, Acc(0));
            for (long piece = 0; piece < pieces; piece++) {
                const long k0 = kDepth * (backwards ? pieces - 1 - piece : piece), deep = std::min(kDepth, k - k0);
                pack<kRows>(a, i0, rows, k0, deep, convert, packed_a.get());
                pack<columns>(b, j0, cols, k0, deep, convert, packed_b.get());
                for (long j = 0; j < cols; j += columns)
                    for (long i = 0; i < rows; i += kRows)
                        accumulate(deep, packed_a.get() + i * deep, packed_b.get() + j * deep,
                                sums.get() + i * tile_n + j, tile_n);
            }
            for (long i = 0; i < rows; i++)
                store(i0 + i, j0, cols, sums.get() + i * tile_n);
        }
    }
}

// Stores alpha · sums + beta · what was there; beta 0 reads nothing.
template <class Acc, class Lines>
void blend(const Lines& to, long line, long begin, long count, const Acc* sums, Acc alpha, Acc beta) {
    to.runs(line, begin, begin + count, [&](long at, long n, auto* out, long step) {
        using T = std::remove_reference_t<decltype(*out)>;
        if (beta == 0)
            for (long i = 0; i < n; i++)
                out[i * step] = narrow<T>(alpha * sums[at + i]);
        else
            for (long i = 0; i < n; i++)
                out[i * step] = narrow<T>(alpha * sums[at + i] + beta * widen(out[i * step]));
    });
}

} // namespace soft
