// Tensor and filter descriptors.
#include "cudnn_descriptors.h"

using namespace soft;

namespace {

constexpr long kLimit = 1L << 31; // elements: cuDNN's descriptors address less than 2 Gi of them

Tensor packed(int format, int type, int n, int c, int h, int w) {
    Tensor t{true, type, n, c, h, w, long(c) * h * w, long(h) * w, w, 1};
    if (format == CUDNN_TENSOR_NHWC) {
        t.sc = 1;
        t.sw = c;
        t.sh = long(w) * c;
    }
    return t;
}

cudnnStatus_t check_type(const char* call, int type) {
    return is_data_type(type) ? CUDNN_STATUS_SUCCESS
                              : not_supported(call, "the software cuDNN has float, double, half and bfloat16 alone");
}

cudnnStatus_t check_format(const char* call, int format) {
    if (format == CUDNN_TENSOR_NCHW || format == CUDNN_TENSOR_NHWC) return CUDNN_STATUS_SUCCESS;
    return format == 2 ? not_supported(call, "the software cuDNN has no NCHW_VECT_C")
                       : bad_param(call, "no such format");
}

cudnnStatus_t set_tensor(const char* call, cudnnDescriptor_t descriptor, const Tensor& t) {
    if (auto status = check_type(call, t.type)) return status;
    if (t.n < 1 || t.c < 1 || t.h < 1 || t.w < 1)
        return refuse_cudnn(
                CUDNN_STATUS_BAD_PARAM, call, "a size is not positive: [%d, %d, %d, %d]", t.n, t.c, t.h, t.w);
    if (t.sn < 1 || t.sc < 1 || t.sh < 1 || t.sw < 1) return bad_param(call, "a stride is not positive");
    if (t.extent() >= kLimit) return not_supported(call, "the tensor spans 2^31 elements or more");
    return assign(call, descriptor, t);
}

cudnnStatus_t set_filter(const char* call, cudnnDescriptor_t descriptor, const Filter& f) {
    if (auto status = check_type(call, f.type)) return status;
    if (auto status = check_format(call, f.format)) return status;
    if (f.k < 1 || f.c < 1 || f.h < 1 || f.w < 1)
        return refuse_cudnn(
                CUDNN_STATUS_BAD_PARAM, call, "a size is not positive: [%d, %d, %d, %d]", f.k, f.c, f.h, f.w);
    if (f.extent() >= kLimit) return not_supported(call, "the filter spans 2^31 elements or more");
    return assign(call, descriptor, f);
}

// The first min(4, requested) of four numbers.
template <class T>
void give_some(int requested, T* to, std::initializer_list<long> values) {
    if (to == nullptr) return;
    for (long value : values)
        if (requested-- > 0) *to++ = static_cast<T>(value);
}

} // namespace

CUDNN_API cudnnStatus_t cudnnCreateTensorDescriptor(cudnnDescriptor_t* descriptor) {
    return create<Tensor>("cudnnCreateTensorDescriptor", descriptor);
}

CUDNN_API cudnnStatus_t cudnnDestroyTensorDescriptor(cudnnDescriptor_t descriptor) {
    return destroy<Tensor>("cudnnDestroyTensorDescriptor", descriptor);
}

CUDNN_API cudnnStatus_t cudnnSetTensor4dDescriptor(
        cudnnDescriptor_t descriptor, int format, int type, int n, int c, int h, int w) {
    const char* call = "cudnnSetTensor4dDescriptor";
    if (auto status = check_format(call, format)) return status;
    return set_tensor(call, descriptor, packed(format, type, n, c, h, w));
}

CUDNN_API cudnnStatus_t cudnnSetTensor4dDescriptorEx(
        cudnnDescriptor_t descriptor, int type, int n, int c, int h, int w, int sn, int sc, int sh, int sw) {
    return set_tensor("cudnnSetTensor4dDescriptorEx", descriptor, {true, type, n, c, h, w, sn, sc, sh, sw});
}

CUDNN_API cudnnStatus_t cudnnSetTensorNdDescriptor(
        cudnnDescriptor_t descriptor, int type, int dimensions, const int* sizes, const int* strides) {
    const char* call = "cudnnSetTensorNdDescriptor";
    if (sizes == nullptr || strides == nullptr) return bad_param(call, "the sizes or strides are null");
    if (dimensions != 4) return not_supported(call, "the software cuDNN has four dimensions alone");
    return set_tensor(call, descriptor,
            {true, type, sizes[0], sizes[1], sizes[2], sizes[3], strides[0], strides[1], strides[2], strides[3]});
}

CUDNN_API cudnnStatus_t cudnnSetTensorNdDescriptorEx(
        cudnnDescriptor_t descriptor, int format, int type, int dimensions, const int* sizes) {
    const char* call = "cudnnSetTensorNdDescriptorEx";
    if (auto status = check_format(call, format)) return status;
    if (sizes == nullptr) return bad_param(call, "the sizes are null");
    if (dimensions != 4) return not_supported(call, "the software cuDNN has four dimensions alone");
    return set_tensor(call, descriptor, packed(format, type, sizes[0], sizes[1], sizes[2], sizes[3]));
}

CUDNN_API cudnnStatus_t cudnnGetTensor4dDescriptor(
        cudnnDescriptor_t descriptor, int* type, int* n, int* c, int* h, int* w, int* sn, int* sc, int* sh, int* sw) {
    Tensor t;
    if (auto status = fetch("cudnnGetTensor4dDescriptor", "the descriptor", descriptor, &t)) return status;
    give(type, t.type);
    give(n, t.n), give(c, t.c), give(h, t.h), give(w, t.w);
    give(sn, t.sn), give(sc, t.sc), give(sh, t.sh), give(sw, t.sw);
    return CUDNN_STATUS_SUCCESS;
}

CUDNN_API cudnnStatus_t cudnnGetTensorNdDescriptor(
        cudnnDescriptor_t descriptor, int requested, int* type, int* dimensions, int* sizes, int* strides) {
    Tensor t;
    if (auto status = fetch("cudnnGetTensorNdDescriptor", "the descriptor", descriptor, &t)) return status;
    give(type, t.type);
    give(dimensions, 4);
    give_some(requested, sizes, {t.n, t.c, t.h, t.w});
    give_some(requested, strides, {t.sn, t.sc, t.sh, t.sw});
    return CUDNN_STATUS_SUCCESS;
}

CUDNN_API cudnnStatus_t cudnnGetTensorSizeInBytes(cudnnDescriptor_t descriptor, size_t* bytes) {
    Tensor t;
    if (auto status = fetch("cudnnGetTensorSizeInBytes", "the descriptor", descriptor, &t)) return status;
    give(bytes, t.extent() * size_of(t.type));
    return CUDNN_STATUS_SUCCESS;
}

CUDNN_API cudnnStatus_t cudnnCreateFilterDescriptor(cudnnDescriptor_t* descriptor) {
    return create<Filter>("cudnnCreateFilterDescriptor", descriptor);
}

CUDNN_API cudnnStatus_t cudnnDestroyFilterDescriptor(cudnnDescriptor_t descriptor) {
    return destroy<Filter>("cudnnDestroyFilterDescriptor", descriptor);
}

CUDNN_API cudnnStatus_t cudnnSetFilter4dDescriptor(
        cudnnDescriptor_t descriptor, int type, int format, int k, int c, int h, int w) {
    return set_filter("cudnnSetFilter4dDescriptor", descriptor, {true, type, format, k, c, h, w});
}

CUDNN_API cudnnStatus_t cudnnSetFilterNdDescriptor(
        cudnnDescriptor_t descriptor, int type, int format, int dimensions, const int* sizes) {
    const char* call = "cudnnSetFilterNdDescriptor";
    if (sizes == nullptr) return bad_param(call, "the sizes are null");
    if (dimensions != 4) return not_supported(call, "the software cuDNN has four dimensions alone");
    return set_filter(call, descriptor, {true, type, format, sizes[0], sizes[1], sizes[2], sizes[3]});
}

CUDNN_API cudnnStatus_t cudnnGetFilter4dDescriptor(
        cudnnDescriptor_t descriptor, int* type, int* format, int* k, int* c, int* h, int* w) {
    Filter f;
    if (auto status = fetch("cudnnGetFilter4dDescriptor", "the descriptor", descriptor, &f)) return status;
    give(type, f.type);
    give(format, f.format);
    give(k, f.k), give(c, f.c), give(h, f.h), give(w, f.w);
    return CUDNN_STATUS_SUCCESS;
}

CUDNN_API cudnnStatus_t cudnnGetFilterNdDescriptor(
        cudnnDescriptor_t descriptor, int requested, int* type, int* format, int* dimensions, int* sizes) {
    Filter f;
    if (auto status = fetch("cudnnGetFilterNdDescriptor", "the descriptor", descriptor, &f)) return status;
    give(type, f.type);
    give(format, f.format);
    give(dimensions, 4);
    give_some(requested, sizes, {f.k, f.c, f.h, f.w});
    return CUDNN_STATUS_SUCCESS;
}

CUDNN_API cudnnStatus_t cudnnGetFilterSizeInBytes(cudnnDescriptor_t descriptor, size_t* bytes) {
    Filter f;
    if (auto status = fetch("cudnnGetFilterSizeInBytes", "the descriptor", descriptor, &f)) return status;
    give(bytes, f.extent() * size_of(f.type));
    return CUDNN_STATUS_SUCCESS;
}
