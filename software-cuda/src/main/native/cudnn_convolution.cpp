// Each direction as one product a group, of patches that are never written out.
#include "cudnn_convolution.h"

#include <atomic>
#include <cstring>

#include "cudnn_patches.h"
#include "product.h"

namespace soft {

namespace {

template <class T>
Patches<T> pixels(const Tensor& t, T* base, long channel, long channels) {
    return {base + channel * t.sc, t.sn, t.sc, channels, Axis::identity(t.h, t.sh), Axis::identity(t.w, t.sw)};
}

template <class T, class Acc, class Convert>
class Directions {
public:
    Directions(const ConvolutionWork& work, bool backwards)
            : work_(work),
              p_(work.problem),
              backwards_(backwards),
              channels_(p_.w.c),
              filters_(p_.w.k / p_.conv.groups),
              flip_(p_.conv.mode == CUDNN_CONVOLUTION) {}

    void run() const {
        for (long group = 0; group < p_.conv.groups; group++) {
            switch (p_.direction) {
                case Direction::forward: forward(group); break;
                case Direction::backward_data: backward_data(group); break;
                case Direction::backward_filter: backward_filter(group); break;
            }
        }
    }

private:
    const ConvolutionWork& work_;
    const Problem& p_;
    const bool backwards_;
    const long channels_, filters_; // of a group
    const bool flip_;

    T* x() const { return static_cast<T*>(work_.x); }
    T* w(long group) const { return static_cast<T*>(work_.w) + group * filters_ * p_.w.stride_k(); }
    T* y() const { return static_cast<T*>(work_.y); }
    long taps() const { return long(p_.w.h) * p_.w.w; }

    Patches<T> patches_of_x(long group) const {
        const Convolution& c = p_.conv;
        return {x() + group * channels_ * p_.x.sc, p_.x.sn, p_.x.sc, channels_,
                Axis::gather(p_.y.h, p_.w.h, flip_, c.pad_h, c.stride_h, c.dilation_h, p_.x.h, p_.x.sh),
                Axis::gather(p_.y.w, p_.w.w, flip_, c.pad_w, c.stride_w, c.dilation_w, p_.x.w, p_.x.sw)};
    }

    Patches<T> patches_of_dy(long group) const {
        const Convolution& c = p_.conv;
        return {y() + group * filters_ * p_.y.sc, p_.y.sn, p_.y.sc, filters_,
                Axis::scatter(p_.x.h, p_.w.h, flip_, c.pad_h, c.stride_h, c.dilation_h, p_.y.h, p_.y.sh),
                Axis::scatter(p_.x.w, p_.w.w, flip_, c.pad_w, c.stride_w, c.dilation_w, p_.y.w, p_.y.sw)};
    }

    template <class A, class B, class Out>
    void multiply(long m, long n, long k, const Side<A>& a, const Side<B>& b, const Out& out) const {
        const Acc alpha = static_cast<Acc>(work_.epilogue.alpha), beta = static_cast<Acc>(work_.epilogue.beta);
        product<Acc>(m, n, k, a, b, Convert{}, backwards_, [&](long line, long begin, long count, const Acc* sums) {
            blend(out, line, begin, count, sums, alpha, beta);
        });
    }

    // [N·P·Q, K] = [N·P·Q, R·S·C] · [R·S·C, K]
    void forward(long group) const {
        const long m = long(p_.y.n) * p_.y.h * p_.y.w, k = taps() * channels_;
        Side<Patches<T>> a{patches_of_x(group), true};
        Side<FilterLines<T>> b{{w(group), p_.w}, true};
        auto out = pixels(p_.y, y(), group * filters_, filters_);
        if (work_.epilogue.bias == nullptr)
            multiply(m, filters_, k, a, b, out);
        else
            product<Acc>(
                    m, filters_, k, a, b, Convert{}, backwards_, [&](long line, long begin, long count, Acc* sums) {
                        finish(group, line, begin, count, sums);
                        blend(out, line, begin, count, sums, Acc(1), Acc(0));
                    });
    }

    // [N·H·W, C] = [N·H·W, R·S·K] · [R·S·K, C]
    void backward_data(long group) const {
        multiply(long(p_.x.n) * p_.x.h * p_.x.w, channels_, taps() * filters_,
                Side<Patches<T>>{patches_of_dy(group), true}, Side<TapLines<T>>{{w(group), p_.w, filters_}, false},
                pixels(p_.x, x(), group * channels_, channels_));
    }

    // [K, R·S·C] = [K, N·P·Q] · [N·P·Q, R·S·C]
    void backward_filter(long group) const {
        multiply(filters_, taps() * channels_, long(p_.y.n) * p_.y.h * p_.y.w,
                Side<Patches<T>>{pixels(p_.y, y(), group * filters_, filters_), false},
                Side<Patches<T>>{patches_of_x(group), false}, FilterLines<T>{w(group), p_.w});
    }

    // A ReLU that does not propagate NaN makes it 0, as max(NaN, 0) does on a GPU.
    void finish(long group, long line, long begin, long count, Acc* sums) const {
        const Epilogue& e = work_.epilogue;
        const Acc alpha = static_cast<Acc>(e.alpha), beta = static_cast<Acc>(e.beta);
        const T* bias = static_cast<const T*>(e.bias) + (group * filters_ + begin) * e.bias_stride;
        for (long i = 0; i < count; i++)
            sums[i] = alpha * sums[i] + widen(bias[i * e.bias_stride]);
        if (beta != 0)
            pixels(e.z_shape, static_cast<const T*>(e.z), group * filters_, filters_)
                    .runs(line, begin, begin + count, [&](long at, long n, const T* z, long step) {
                        for (long i = 0; i < n; i++)
                            sums[at + i] += beta * widen(z[i * step]);
                    });
        if (e.relu)
            for (long i = 0; i < count; i++)
                sums[i] = sums[i] > 0 ? sums[i] : Acc(0);
    }
};

template <class T, class Acc, class Convert>
void run(const ConvolutionWork& work, bool backwards) {
    Directions<T, Acc, Convert>(work, backwards).run();
}

} // namespace

bool sums_backwards(bool deterministic) {
    static std::atomic<unsigned> runs{0};
    return !deterministic && runs++ % 2 == 1;
}

// On devices since sm_80 cuDNN may use TF32 for float unless the math type is FMA, and halves where conversion is
// allowed.
void ConvolutionWork::operator()() const {
    const bool backwards = sums_backwards(deterministic);
    if (workspace_bytes > 0)
        std::memset(workspace, 0xff, workspace_bytes); // so that a caller that keeps something there gets NaN
    switch (problem.x.type) {
        case CUDNN_DATA_DOUBLE: return run<double, double, Exact>(*this, backwards);
        case CUDNN_DATA_HALF: return run<f16, float, Exact>(*this, backwards);
        case CUDNN_DATA_BFLOAT16: return run<bf16, float, Exact>(*this, backwards);
        default: break;
    }
    switch (problem.conv.math) {
        case CUDNN_FMA_MATH: return run<float, float, Exact>(*this, backwards);
        case CUDNN_TENSOR_OP_MATH_ALLOW_CONVERSION: return run<float, float, RoundTo<f16>>(*this, backwards);
        default: return run<float, float, RoundToTf32>(*this, backwards);
    }
}

} // namespace soft
