// A convolution's operands as lines for the product of product.h.
#pragma once
#include <memory>
#include <vector>

#include "cudnn_problem.h"

namespace soft {

// Along one image axis: the position of the element that a position sees through a tap, or -1 outside the image.
class Axis {
public:
    // The position is an output's: position · stride − padding + tap · dilation.
    static Axis gather(int positions, int taps, bool flip, int pad, int stride, int dilation, int size, long step) {
        return Axis(positions, taps, [=](long position, long tap) {
            long at = position * stride - pad + (flip ? taps - 1 - tap : tap) * dilation;
            return at >= 0 && at < size ? at * step : -1;
        });
    }

    // The position is an input's, and what is asked for are the outputs that see it through the tap: the inverse.
    static Axis scatter(int positions, int taps, bool flip, int pad, int stride, int dilation, int size, long step) {
        return Axis(positions, taps, [=](long position, long tap) {
            long at = position + pad - (flip ? taps - 1 - tap : tap) * dilation;
            return at >= 0 && at % stride == 0 && at / stride < size ? at / stride * step : -1;
        });
    }

    static Axis identity(int positions, long step) {
        return Axis(positions, 1, [=](long position, long) { return position * step; });
    }

    long positions() const { return positions_; }
    long taps() const { return taps_; }
    const long* at(long position) const { return table_->data() + position * taps_; }

private:
    template <class F>
    Axis(int positions, int taps, F where)
            : positions_(positions),
              taps_(taps),
              table_(std::make_shared<std::vector<long>>(long(positions) * taps)) {
        for (long position = 0; position < positions; position++)
            for (long tap = 0; tap < taps; tap++)
                (*table_)[position * taps + tap] = where(position, tap);
    }

    long positions_, taps_;
    std::shared_ptr<std::vector<long>> table_;
};

// Line (n, p, q): what a pixel sees, ordered by tap row, tap column, channel.
template <class T>
struct Patches {
    T* base;
    long image_stride, channel_stride, channels;
    Axis rows, columns;

    template <class F>
    void runs(long line, long begin, long end, F f) const {
        const long q = line % columns.positions(), rest = line / columns.positions();
        const long* row = rows.at(rest % rows.positions());
        const long* column = columns.at(q);
        T* image = base + rest / rows.positions() * image_stride;
        long tap = begin / channels, channel = begin % channels, u = tap / columns.taps(), v = tap % columns.taps();
        for (long at = begin; at < end;) {
            const long count = std::min(channels - channel, end - at);
            T* from = row[u] < 0 || column[v] < 0 ? nullptr : image + row[u] + column[v] + channel * channel_stride;
            f(at - begin, count, from, channel_stride);
            at += count;
            channel = 0;
            if (++v == columns.taps()) {
                v = 0;
                u++;
            }
        }
    }
};

// Line k: one filter, ordered by tap row, tap column, channel.
template <class T>
struct FilterLines {
    T* base;
    Filter shape;

    template <class F>
    void runs(long line, long begin, long end, F f) const {
        const long step = shape.stride_c();
        for (long at = begin; at < end;) {
            const long tap = at / shape.c, channel = at % shape.c, count = std::min(shape.c - channel, end - at);
            f(at - begin, count,
                    base + line * shape.stride_k() + tap / shape.w * shape.stride_h() + tap % shape.w * shape.stride_w()
                            + channel * step,
                    step);
            at += count;
        }
    }
};

// Line (u, v, k) of the filters [first, first + count): the channels that one tap of one filter weighs.
template <class T>
struct TapLines {
    T* base;
    Filter shape;
    long filters;

    template <class F>
    void runs(long line, long begin, long end, F f) const {
        const long k = line % filters, tap = line / filters, step = shape.stride_c();
        f(0L, end - begin,
                base + k * shape.stride_k() + tap / shape.w * shape.stride_h() + tap % shape.w * shape.stride_w()
                        + begin * step,
                step);
    }
};

} // namespace soft
