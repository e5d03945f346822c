// What cuDNN demands of a convolution's descriptors, and its table of algorithms.
#include "cudnn_problem.h"

namespace soft {

namespace {

size_t round_up_256(size_t bytes) { return (bytes + 255) / 256 * 256; }

size_t none(const Problem&) { return 0; }

// A table of 32-bit offsets, one for each tap and channel.
size_t offsets(const Problem& p) { return round_up_256(4 * size_t(p.w.stride_k()) + 4 * size_t(p.y.h) * p.y.w); }

size_t transposed_filters(const Problem& p) { return round_up_256(2 * size_t(p.w.extent()) * size_of(p.w.type)); }

size_t partial_sums(const Problem& p) { return round_up_256(4 * size_t(p.w.extent()) * 4); }

size_t patches(const Problem& p) { return round_up_256(size_t(p.w.stride_k()) * p.y.h * p.y.w * size_of(p.x.type)); }

// 16 numbers for each tile of 2 × 2 results.
size_t transforms(const Problem& p) {
    size_t tiles = size_t(p.y.n) * ((p.y.h + 1) / 2) * ((p.y.w + 1) / 2);
    return round_up_256(64 * (tiles * (p.x.c + p.y.c) + size_t(p.w.k) * p.w.c));
}

// NVIDIA's configurations FLOAT, PSEUDO_HALF, PSEUDO_BFLOAT16 and, in NCHW alone, DOUBLE.
bool has_types(const Problem& p) {
    int type = p.x.type, compute = p.conv.compute;
    if (type == CUDNN_DATA_DOUBLE) return compute == CUDNN_DATA_DOUBLE && !p.channels_last();
    return compute == CUDNN_DATA_FLOAT;
}

bool has_layout(const Problem& p) {
    if (!p.channels_last()) return true;
    return p.conv.mode == CUDNN_CROSS_CORRELATION && p.x.is_nhwc() && p.y.is_nhwc();
}

bool is_simple(const Problem& p) {
    const Convolution& c = p.conv;
    return p.w.h == 3 && p.w.w == 3 && c.stride_h == 1 && c.stride_w == 1 && c.dilation_h == 1 && c.dilation_w == 1;
}

} // namespace

cudnnStatus_t Problem::of(const char* call, Direction direction, cudnnDescriptor_t x, cudnnDescriptor_t w,
        cudnnDescriptor_t conv, cudnnDescriptor_t y, Problem* problem) {
    Problem& p = *problem;
    p.direction = direction;
    const bool data = direction == Direction::backward_data, filter = direction == Direction::backward_filter;
    if (auto status = fetch(call, data ? "dxDesc" : "xDesc", x, &p.x)) return status;
    if (auto status = fetch(call, filter ? "dwDesc" : "wDesc", w, &p.w)) return status;
    if (auto status = fetch(call, "convDesc", conv, &p.conv)) return status;
    if (auto status = fetch(call, data || filter ? "dyDesc" : "yDesc", y, &p.y)) return status;
    auto bad = [&](const char* format, auto... values) {
        return refuse_cudnn(CUDNN_STATUS_BAD_PARAM, call, format, values...);
    };
    const Convolution& c = p.conv;
    if (p.x.type != p.w.type || p.x.type != p.y.type)
        return bad("the data types of image, filter and result differ: %d, %d, %d", p.x.type, p.w.type, p.y.type);
    if (p.x.c != p.w.c * c.groups)
        return bad("the image has %d channels, but the filters take %d in each of %d groups", p.x.c, p.w.c, c.groups);
    if (p.w.k % c.groups != 0) return bad("%d filters do not divide into %d groups", p.w.k, c.groups);
    const int h = c.output_h(p.x, p.w), v = c.output_w(p.x, p.w);
    if (h < 1 || v < 1) return bad("the filter %dx%d is larger than the padded image", p.w.h, p.w.w);
    if (p.y.n != p.x.n || p.y.c != p.w.k || p.y.h != h || p.y.w != v)
        return bad("the result is [%d, %d, %d, %d], its descriptor says [%d, %d, %d, %d]", p.x.n, p.w.k, h, v, p.y.n,
                p.y.c, p.y.h, p.y.w);
    return CUDNN_STATUS_SUCCESS;
}

bool Algorithm::solves(const Problem& p) const {
    return has_types(p) && has_layout(p) && (channels_last || !p.channels_last())
            && (!simple_only || (is_simple(p) && p.x.type != CUDNN_DATA_DOUBLE));
}

const std::vector<Algorithm>& algorithms(Direction direction) {
    // An id, whether it always gives the same digits, takes NHWC filters, takes 3 × 3 alone, and its workspace.
    static const std::vector<Algorithm> forward = {
            {CUDNN_CONVOLUTION_FWD_ALGO_WINOGRAD_NONFUSED, true, false, true, transforms},
            {CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_PRECOMP_GEMM, true, true, false, offsets},
            {CUDNN_CONVOLUTION_FWD_ALGO_GEMM, true, false, false, patches},
            {CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_GEMM, true, true, false, none},
    };
    static const std::vector<Algorithm> data = {
            {CUDNN_CONVOLUTION_BWD_DATA_ALGO_WINOGRAD_NONFUSED, true, false, true, transforms},
            {CUDNN_CONVOLUTION_BWD_DATA_ALGO_1, true, true, false, transposed_filters},
            {CUDNN_CONVOLUTION_BWD_DATA_ALGO_0, false, true, false, none},
    };
    // The first is not deterministic: whoever promises equal digits must look before taking it.
    static const std::vector<Algorithm> filter = {
            {CUDNN_CONVOLUTION_BWD_FILTER_ALGO_0, false, true, false, none},
            {CUDNN_CONVOLUTION_BWD_FILTER_ALGO_1, true, true, false, partial_sums},
            {CUDNN_CONVOLUTION_BWD_FILTER_ALGO_WINOGRAD_NONFUSED, true, false, true, transforms},
            {CUDNN_CONVOLUTION_BWD_FILTER_ALGO_3, false, false, false, patches},
    };
    switch (direction) {
        case Direction::forward: return forward;
        case Direction::backward_data: return data;
        default: return filter;
    }
}

int algorithm_count(Direction direction) {
    switch (direction) {
        case Direction::forward: return CUDNN_CONVOLUTION_FWD_ALGO_COUNT;
        case Direction::backward_data: return CUDNN_CONVOLUTION_BWD_DATA_ALGO_COUNT;
        default: return CUDNN_CONVOLUTION_BWD_FILTER_ALGO_COUNT;
    }
}

const Algorithm* choose(const Problem& problem, int id) {
    for (const Algorithm& algorithm : algorithms(problem.direction))
        if (algorithm.id == id && algorithm.solves(problem)) return &algorithm;
    return nullptr;
}

} // namespace soft
