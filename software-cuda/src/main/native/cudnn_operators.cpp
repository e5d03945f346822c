// Convolution, pooling and activation descriptors.
#include "cudnn_descriptors.h"

using namespace soft;

namespace {

template <class T>
cudnnStatus_t set_field(const char* call, cudnnDescriptor_t descriptor, T Convolution::* field, T value, bool valid) {
    Convolution* found = find<Convolution>(descriptor);
    if (found == nullptr) return bad_param(call, "the descriptor was not created, is destroyed, or of another kind");
    if (!valid) return refuse_cudnn(CUDNN_STATUS_BAD_PARAM, call, "%d is not among the values allowed", value);
    found->*field = value;
    return CUDNN_STATUS_SUCCESS;
}

template <class T>
cudnnStatus_t get_field(const char* call, cudnnDescriptor_t descriptor, T Convolution::* field, T* value) {
    const Convolution* found = find<Convolution>(descriptor);
    if (found == nullptr) return bad_param(call, "the descriptor was not created, is destroyed, or of another kind");
    if (value == nullptr) return bad_param(call, "the result's pointer is null");
    *value = found->*field;
    return CUDNN_STATUS_SUCCESS;
}

// Sets all but the groups, the math type and the reordering, which have functions of their own.
cudnnStatus_t set_convolution(const char* call, cudnnDescriptor_t descriptor, Convolution c) {
    if (c.pad_h < 0 || c.pad_w < 0) return bad_param(call, "a padding is negative");
    if (c.stride_h < 1 || c.stride_w < 1) return bad_param(call, "a stride is not positive");
    if (c.dilation_h < 1 || c.dilation_w < 1) return bad_param(call, "a dilation is not positive");
    if (c.mode != CUDNN_CONVOLUTION && c.mode != CUDNN_CROSS_CORRELATION) return bad_param(call, "no such mode");
    if (!is_data_type(c.compute)) return not_supported(call, "the compute type");
    if (const Convolution* old = find<Convolution>(descriptor)) {
        c.groups = old->groups;
        c.math = old->math;
        c.reorder = old->reorder;
    }
    return assign(call, descriptor, c);
}

cudnnStatus_t set_pooling(const char* call, cudnnDescriptor_t descriptor, const Pooling& p) {
    if (p.mode < CUDNN_POOLING_MAX || p.mode > CUDNN_POOLING_MAX_DETERMINISTIC) return bad_param(call, "no such mode");
    if (p.nan != CUDNN_NOT_PROPAGATE_NAN && p.nan != CUDNN_PROPAGATE_NAN)
        return bad_param(call, "no such NaN propagation");
    if (p.window_h < 1 || p.window_w < 1) return bad_param(call, "the window is empty");
    if (p.stride_h < 1 || p.stride_w < 1) return bad_param(call, "a stride is not positive");
    if (p.pad_h < 0 || p.pad_w < 0) return bad_param(call, "a padding is negative");
    if (p.pad_h >= p.window_h || p.pad_w >= p.window_w) return bad_param(call, "a padding is not less than the window");
    return assign(call, descriptor, p);
}

} // namespace

CUDNN_API cudnnStatus_t cudnnCreateConvolutionDescriptor(cudnnDescriptor_t* descriptor) {
    return create<Convolution>("cudnnCreateConvolutionDescriptor", descriptor);
}

CUDNN_API cudnnStatus_t cudnnDestroyConvolutionDescriptor(cudnnDescriptor_t descriptor) {
    return destroy<Convolution>("cudnnDestroyConvolutionDescriptor", descriptor);
}

CUDNN_API cudnnStatus_t cudnnSetConvolution2dDescriptor(cudnnDescriptor_t descriptor, int pad_h, int pad_w,
        int stride_h, int stride_w, int dilation_h, int dilation_w, int mode, int compute) {
    return set_convolution("cudnnSetConvolution2dDescriptor", descriptor,
            {true, pad_h, pad_w, stride_h, stride_w, dilation_h, dilation_w, mode, compute});
}

CUDNN_API cudnnStatus_t cudnnSetConvolutionNdDescriptor(cudnnDescriptor_t descriptor, int dimensions, const int* pads,
        const int* strides, const int* dilations, int mode, int compute) {
    const char* call = "cudnnSetConvolutionNdDescriptor";
    if (pads == nullptr || strides == nullptr || dilations == nullptr) return bad_param(call, "an array is null");
    if (dimensions != 2) return not_supported(call, "the software cuDNN convolves in two dimensions alone");
    return set_convolution(call, descriptor,
            {true, pads[0], pads[1], strides[0], strides[1], dilations[0], dilations[1], mode, compute});
}

CUDNN_API cudnnStatus_t cudnnGetConvolution2dDescriptor(cudnnDescriptor_t descriptor, int* pad_h, int* pad_w,
        int* stride_h, int* stride_w, int* dilation_h, int* dilation_w, int* mode, int* compute) {
    Convolution c;
    if (auto status = fetch("cudnnGetConvolution2dDescriptor", "the descriptor", descriptor, &c)) return status;
    give(pad_h, c.pad_h), give(pad_w, c.pad_w);
    give(stride_h, c.stride_h), give(stride_w, c.stride_w);
    give(dilation_h, c.dilation_h), give(dilation_w, c.dilation_w);
    give(mode, c.mode), give(compute, c.compute);
    return CUDNN_STATUS_SUCCESS;
}

CUDNN_API cudnnStatus_t cudnnSetConvolutionGroupCount(cudnnDescriptor_t descriptor, int groups) {
    return set_field("cudnnSetConvolutionGroupCount", descriptor, &Convolution::groups, groups, groups >= 1);
}

CUDNN_API cudnnStatus_t cudnnGetConvolutionGroupCount(cudnnDescriptor_t descriptor, int* groups) {
    return get_field("cudnnGetConvolutionGroupCount", descriptor, &Convolution::groups, groups);
}

CUDNN_API cudnnStatus_t cudnnSetConvolutionMathType(cudnnDescriptor_t descriptor, int math) {
    bool valid = math >= CUDNN_DEFAULT_MATH && math <= CUDNN_FMA_MATH;
    return set_field("cudnnSetConvolutionMathType", descriptor, &Convolution::math, math, valid);
}

CUDNN_API cudnnStatus_t cudnnGetConvolutionMathType(cudnnDescriptor_t descriptor, int* math) {
    return get_field("cudnnGetConvolutionMathType", descriptor, &Convolution::math, math);
}

CUDNN_API cudnnStatus_t cudnnSetConvolutionReorderType(cudnnDescriptor_t descriptor, int reorder) {
    bool valid = reorder == 0 || reorder == 1;
    return set_field("cudnnSetConvolutionReorderType", descriptor, &Convolution::reorder, reorder, valid);
}

CUDNN_API cudnnStatus_t cudnnGetConvolutionReorderType(cudnnDescriptor_t descriptor, int* reorder) {
    return get_field("cudnnGetConvolutionReorderType", descriptor, &Convolution::reorder, reorder);
}

CUDNN_API cudnnStatus_t cudnnGetConvolution2dForwardOutputDim(cudnnDescriptor_t convolution, cudnnDescriptor_t input,
        cudnnDescriptor_t filter, int* n, int* c, int* h, int* w) {
    const char* call = "cudnnGetConvolution2dForwardOutputDim";
    Convolution conv;
    Tensor x;
    Filter f;
    if (auto status = fetch(call, "convDesc", convolution, &conv)) return status;
    if (auto status = fetch(call, "inputTensorDesc", input, &x)) return status;
    if (auto status = fetch(call, "filterDesc", filter, &f)) return status;
    if (x.c != f.c * conv.groups)
        return refuse_cudnn(CUDNN_STATUS_BAD_PARAM, call,
                "the input has %d channels, %d groups of filters take %d each", x.c, conv.groups, f.c);
    if (conv.output_h(x, f) < 1 || conv.output_w(x, f) < 1)
        return bad_param(call, "the filter is larger than the padded input");
    give(n, x.n), give(c, f.k), give(h, conv.output_h(x, f)), give(w, conv.output_w(x, f));
    return CUDNN_STATUS_SUCCESS;
}

CUDNN_API cudnnStatus_t cudnnGetConvolutionNdForwardOutputDim(
        cudnnDescriptor_t convolution, cudnnDescriptor_t input, cudnnDescriptor_t filter, int dimensions, int* sizes) {
    if (dimensions != 4 || sizes == nullptr)
        return bad_param(
                "cudnnGetConvolutionNdForwardOutputDim", "four dimensions are expected, and a pointer to them");
    return cudnnGetConvolution2dForwardOutputDim(convolution, input, filter, sizes, sizes + 1, sizes + 2, sizes + 3);
}

CUDNN_API cudnnStatus_t cudnnCreatePoolingDescriptor(cudnnDescriptor_t* descriptor) {
    return create<Pooling>("cudnnCreatePoolingDescriptor", descriptor);
}

CUDNN_API cudnnStatus_t cudnnDestroyPoolingDescriptor(cudnnDescriptor_t descriptor) {
    return destroy<Pooling>("cudnnDestroyPoolingDescriptor", descriptor);
}

CUDNN_API cudnnStatus_t cudnnSetPooling2dDescriptor(cudnnDescriptor_t descriptor, int mode, int nan, int window_h,
        int window_w, int pad_h, int pad_w, int stride_h, int stride_w) {
    return set_pooling("cudnnSetPooling2dDescriptor", descriptor,
            {true, mode, nan, window_h, window_w, pad_h, pad_w, stride_h, stride_w});
}

CUDNN_API cudnnStatus_t cudnnSetPoolingNdDescriptor(cudnnDescriptor_t descriptor, int mode, int nan, int dimensions,
        const int* windows, const int* pads, const int* strides) {
    const char* call = "cudnnSetPoolingNdDescriptor";
    if (windows == nullptr || pads == nullptr || strides == nullptr) return bad_param(call, "an array is null");
    if (dimensions != 2) return not_supported(call, "the software cuDNN pools in two dimensions alone");
    return set_pooling(
            call, descriptor, {true, mode, nan, windows[0], windows[1], pads[0], pads[1], strides[0], strides[1]});
}

CUDNN_API cudnnStatus_t cudnnGetPooling2dDescriptor(cudnnDescriptor_t descriptor, int* mode, int* nan, int* window_h,
        int* window_w, int* pad_h, int* pad_w, int* stride_h, int* stride_w) {
    Pooling p;
    if (auto status = fetch("cudnnGetPooling2dDescriptor", "the descriptor", descriptor, &p)) return status;
    give(mode, p.mode), give(nan, p.nan);
    give(window_h, p.window_h), give(window_w, p.window_w);
    give(pad_h, p.pad_h), give(pad_w, p.pad_w);
    give(stride_h, p.stride_h), give(stride_w, p.stride_w);
    return CUDNN_STATUS_SUCCESS;
}

CUDNN_API cudnnStatus_t cudnnGetPooling2dForwardOutputDim(
        cudnnDescriptor_t pooling, cudnnDescriptor_t input, int* n, int* c, int* h, int* w) {
    const char* call = "cudnnGetPooling2dForwardOutputDim";
    Pooling p;
    Tensor x;
    if (auto status = fetch(call, "poolingDesc", pooling, &p)) return status;
    if (auto status = fetch(call, "inputDesc", input, &x)) return status;
    if (p.output_h(x) < 1 || p.output_w(x) < 1) return bad_param(call, "the window is larger than the padded input");
    give(n, x.n), give(c, x.c), give(h, p.output_h(x)), give(w, p.output_w(x));
    return CUDNN_STATUS_SUCCESS;
}

CUDNN_API cudnnStatus_t cudnnCreateActivationDescriptor(cudnnDescriptor_t* descriptor) {
    return create<Activation>("cudnnCreateActivationDescriptor", descriptor);
}

CUDNN_API cudnnStatus_t cudnnDestroyActivationDescriptor(cudnnDescriptor_t descriptor) {
    return destroy<Activation>("cudnnDestroyActivationDescriptor", descriptor);
}

CUDNN_API cudnnStatus_t cudnnSetActivationDescriptor(
        cudnnDescriptor_t descriptor, int mode, int nan, double coefficient) {
    const char* call = "cudnnSetActivationDescriptor";
    if (mode < CUDNN_ACTIVATION_SIGMOID || mode > CUDNN_ACTIVATION_SWISH) return bad_param(call, "no such mode");
    if (nan != CUDNN_NOT_PROPAGATE_NAN && nan != CUDNN_PROPAGATE_NAN) return bad_param(call, "no such NaN propagation");
    return assign(call, descriptor, Activation{true, mode, nan, coefficient});
}

CUDNN_API cudnnStatus_t cudnnGetActivationDescriptor(
        cudnnDescriptor_t descriptor, int* mode, int* nan, double* coefficient) {
    Activation a;
    if (auto status = fetch("cudnnGetActivationDescriptor", "the descriptor", descriptor, &a)) return status;
    give(mode, a.mode), give(nan, a.nan), give(coefficient, a.coefficient);
    return CUDNN_STATUS_SUCCESS;
}
