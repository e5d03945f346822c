// Pooling, forward and backward.
#include <limits>
#include <vector>

#include "cudnn_patches.h"
#include "enqueue.h"
#include "numbers.h"
#include "product.h"

using namespace soft;

namespace {

struct PoolingWork {
    Pooling pooling;
    Tensor x, y, dy, dx;
    const void *x_data, *dy_data;
    void* out; // y, or dx
    double alpha, beta;
};

template <class T>
Patches<T> windows(const Pooling& p, const Tensor& x, const Tensor& y, T* base) {
    return {base, x.sn, x.sc, x.c, Axis::gather(y.h, p.window_h, false, p.pad_h, p.stride_h, 1, x.h, x.sh),
            Axis::gather(y.w, p.window_w, false, p.pad_w, p.stride_w, 1, x.w, x.sw)};
}

template <class T>
Patches<T> pixels(const Tensor& t, T* base) {
    return {base, t.sn, t.sc, t.c, Axis::identity(t.h, t.sh), Axis::identity(t.w, t.sw)};
}

// The address of the first channel of each element of the window; null in the padding.
template <class T>
void look(const Patches<T>& windows, long line, std::vector<T*>& seen) {
    seen.clear();
    windows.runs(line, 0, windows.rows.taps() * windows.columns.taps() * windows.channels,
            [&](long, long, T* from, long) { seen.push_back(from); });
}

template <class T>
size_t inside(const std::vector<T*>& seen) {
    return seen.size() - std::count(seen.begin(), seen.end(), nullptr);
}

template <class Acc>
bool wins(Acc candidate, Acc best, bool propagate_nan) {
    return candidate > best || (propagate_nan && candidate != candidate);
}

template <class T, class Acc = decltype(widen(T()))>
void forward(const PoolingWork& work) {
    const Pooling& p = work.pooling;
    const auto in = windows(p, work.x, work.y, static_cast<const T*>(work.x_data));
    const auto out = pixels(work.y, static_cast<T*>(work.out));
    const bool propagate = p.nan == CUDNN_PROPAGATE_NAN;
    const long channels = work.x.c, step = work.x.sc;
    std::vector<const T*> seen;
    std::vector<Acc> result(channels);
    for (long line = 0; line < long(work.y.n) * work.y.h * work.y.w; line++) {
        look(in, line, seen);
        std::fill(result.begin(), result.end(), p.is_max() ? -std::numeric_limits<Acc>::infinity() : Acc(0));
        for (const T* from : seen) {
            if (from == nullptr) continue;
            for (long c = 0; c < channels; c++) {
                Acc x = widen(from[c * step]);
                result[c] = !p.is_max() ? result[c] + x : wins(x, result[c], propagate) ? x : result[c];
            }
        }
        Acc divisor =
                static_cast<Acc>(p.mode == CUDNN_POOLING_AVERAGE_COUNT_EXCLUDE_PADDING ? inside(seen) : seen.size());
        if (!p.is_max())
            for (Acc& sum : result)
                sum /= divisor;
        blend(out, line, 0, channels, result.data(), static_cast<Acc>(work.alpha), static_cast<Acc>(work.beta));
    }
}

// Gives a window's gradient to its largest element. Of several that are equal, MAX_DETERMINISTIC takes the first;
// NVIDIA does not say which MAX takes, so here it is the last.
template <class T, class Acc>
void spread_max(const std::vector<const T*>& seen, const std::vector<Acc*>& gradients, const T* dy, long step,
        long dy_step, long channels, bool propagate, bool first) {
    for (long c = 0; c < channels; c++) {
        Acc best = -std::numeric_limits<Acc>::infinity();
        long where = -1;
        for (size_t i = 0; i < seen.size(); i++) {
            if (seen[i] == nullptr) continue;
            Acc x = widen(seen[i][c * step]);
            if (best != best && first) break;
            if (where < 0 || wins(x, best, propagate) || (!first && x == best)) {
                best = x;
                where = static_cast<long>(i);
            }
        }
        if (where >= 0) gradients[where][c] += widen(dy[c * dy_step]);
    }
}

template <class T, class Acc = decltype(widen(T()))>
void backward(const PoolingWork& work) {
    const Pooling& p = work.pooling;
    const Tensor &x = work.x, &dy = work.dy;
    const long channels = x.c, size = long(x.h) * x.w * channels, lines = long(dy.h) * dy.w;
    const Tensor one{true, 0, 1, x.c, x.h, x.w, size, 1, long(x.w) * channels, channels};
    std::vector<Acc> sums(size);
    const auto targets = windows(p, one, dy, sums.data());
    const auto in = windows(p, x, dy, static_cast<const T*>(work.x_data));
    const auto gradients = pixels(dy, static_cast<const T*>(work.dy_data));
    const auto out = pixels(work.dx, static_cast<T*>(work.out));
    std::vector<Acc*> to;
    std::vector<const T*> seen, from;
    for (long n = 0; n < x.n; n++) {
        std::fill(sums.begin(), sums.end(), Acc(0));
        for (long line = 0; line < lines; line++) {
            look(targets, line, to);
            look(gradients, n * lines + line, from);
            if (p.is_max()) {
                look(in, n * lines + line, seen);
                spread_max(seen, to, from[0], x.sc, dy.sc, channels, p.nan == CUDNN_PROPAGATE_NAN,
                        p.mode == CUDNN_POOLING_MAX_DETERMINISTIC);
                continue;
            }
            Acc divisor =
                    static_cast<Acc>(p.mode == CUDNN_POOLING_AVERAGE_COUNT_EXCLUDE_PADDING ? inside(to) : to.size());
            for (Acc* target : to)
                if (target != nullptr)
                    for (long c = 0; c < channels; c++)
                        target[c] += widen(from[0][c * dy.sc]) / divisor;
        }
        for (long pixel = 0; pixel < long(x.h) * x.w; pixel++)
            blend(out, n * x.h * x.w + pixel, 0, channels, sums.data() + pixel * channels, static_cast<Acc>(work.alpha),
                    static_cast<Acc>(work.beta));
    }
}

using Run = void (*)(const PoolingWork&);

Run forward_of(int type) {
    return type == CUDNN_DATA_DOUBLE      ? forward<double>
            : type == CUDNN_DATA_HALF     ? forward<f16>
            : type == CUDNN_DATA_BFLOAT16 ? forward<bf16>
                                          : forward<float>;
}

Run backward_of(int type) {
    return type == CUDNN_DATA_DOUBLE      ? backward<double>
            : type == CUDNN_DATA_HALF     ? backward<f16>
            : type == CUDNN_DATA_BFLOAT16 ? backward<bf16>
                                          : backward<float>;
}

cudnnStatus_t check_shapes(const char* call, const Pooling& p, const Tensor& x, const Tensor& y) {
    if (x.type != y.type) return bad_param(call, "the data types of x and y differ");
    const int h = p.output_h(x), w = p.output_w(x);
    if (h < 1 || w < 1) return bad_param(call, "the window is larger than the padded input");
    if (y.n != x.n || y.c != x.c || y.h != h || y.w != w)
        return refuse_cudnn(CUDNN_STATUS_BAD_PARAM, call,
                "the result is [%d, %d, %d, %d], its descriptor says [%d, %d, %d, %d]", x.n, x.c, h, w, y.n, y.c, y.h,
                y.w);
    return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t put(const char* call, const Cudnn& cudnn, Run run, const PoolingWork& work) {
    if (enqueue(cudnn.stream, call, [=] { run(work); }))
        return refuse_cudnn(CUDNN_STATUS_EXECUTION_FAILED, call, "the stream did not take the work");
    return CUDNN_STATUS_SUCCESS;
}

} // namespace

CUDNN_API cudnnStatus_t cudnnPoolingForward(cudnnHandle_t handle, cudnnDescriptor_t pooling, const void* alpha,
        cudnnDescriptor_t x_descriptor, const void* x, const void* beta, cudnnDescriptor_t y_descriptor, void* y) {
    const char* call = "cudnnPoolingForward";
    Cudnn* cudnn;
    PoolingWork work{};
    if (auto status = enter(call, handle, &cudnn)) return status;
    if (auto status = fetch(call, "poolingDesc", pooling, &work.pooling)) return status;
    if (auto status = fetch(call, "xDesc", x_descriptor, &work.x)) return status;
    if (auto status = fetch(call, "yDesc", y_descriptor, &work.y)) return status;
    if (auto status = check_shapes(call, work.pooling, work.x, work.y)) return status;
    if (auto status = read_factor(call, "alpha", alpha, work.x.type, &work.alpha)) return status;
    if (auto status = read_factor(call, "beta", beta, work.x.type, &work.beta)) return status;
    if (auto status = check_memory(call, "x", x, work.x.extent(), work.x.type)) return status;
    if (auto status = check_memory(call, "y", y, work.y.extent(), work.y.type)) return status;
    const long size = size_of(work.x.type);
    if (overlap(x, work.x.extent() * size, y, work.y.extent() * size)) return bad_param(call, "y overlaps x");
    work.x_data = x;
    work.out = y;
    return put(call, *cudnn, forward_of(work.x.type), work);
}

CUDNN_API cudnnStatus_t cudnnPoolingBackward(cudnnHandle_t handle, cudnnDescriptor_t pooling, const void* alpha,
        cudnnDescriptor_t y_descriptor, const void* y, cudnnDescriptor_t dy_descriptor, const void* dy,
        cudnnDescriptor_t x_descriptor, const void* x, const void* beta, cudnnDescriptor_t dx_descriptor, void* dx) {
    const char* call = "cudnnPoolingBackward";
    Cudnn* cudnn;
    PoolingWork work{};
    if (auto status = enter(call, handle, &cudnn)) return status;
    if (auto status = fetch(call, "poolingDesc", pooling, &work.pooling)) return status;
    if (auto status = fetch(call, "yDesc", y_descriptor, &work.y)) return status;
    if (auto status = fetch(call, "dyDesc", dy_descriptor, &work.dy)) return status;
    if (auto status = fetch(call, "xDesc", x_descriptor, &work.x)) return status;
    if (auto status = fetch(call, "dxDesc", dx_descriptor, &work.dx)) return status;
    if (auto status = check_shapes(call, work.pooling, work.x, work.y)) return status;
    if (!work.dy.same_shape(work.y) || work.dy.type != work.y.type)
        return bad_param(call, "the descriptors of dy and y do not match");
    if (!work.dx.same_shape(work.x) || work.dx.type != work.x.type)
        return bad_param(call, "the descriptors of dx and x do not match");
    if (auto status = read_factor(call, "alpha", alpha, work.x.type, &work.alpha)) return status;
    if (auto status = read_factor(call, "beta", beta, work.x.type, &work.beta)) return status;
    if (auto status = check_memory(call, "y", y, work.y.extent(), work.y.type)) return status;
    if (auto status = check_memory(call, "dy", dy, work.dy.extent(), work.dy.type)) return status;
    if (auto status = check_memory(call, "x", x, work.x.extent(), work.x.type)) return status;
    if (auto status = check_memory(call, "dx", dx, work.dx.extent(), work.dx.type)) return status;
    const long size = size_of(work.x.type), bytes = work.dx.extent() * size;
    if (overlap(dx, bytes, x, work.x.extent() * size) || overlap(dx, bytes, dy, work.dy.extent() * size)
            || overlap(dx, bytes, y, work.y.extent() * size))
        return bad_param(call, "dx overlaps an input");
    work.x_data = x;
    work.dy_data = dy;
    work.out = dx;
    return put(call, *cudnn, backward_of(work.x.type), work);
}
