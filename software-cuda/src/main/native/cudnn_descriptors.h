// What cuDNN's descriptors describe. A descriptor that was created but never set is refused.
#pragma once
#include <algorithm>

#include "cudnn_handle.h"

namespace soft {

inline long size_of(int type) { return type == CUDNN_DATA_DOUBLE ? 8 : type == CUDNN_DATA_FLOAT ? 4 : 2; }

inline bool is_data_type(int type) {
    return type == CUDNN_DATA_FLOAT || type == CUDNN_DATA_DOUBLE || type == CUDNN_DATA_HALF
            || type == CUDNN_DATA_BFLOAT16;
}

struct Tensor {
    bool set = false;
    int type = 0;
    int n = 0, c = 0, h = 0, w = 0;
    long sn = 0, sc = 0, sh = 0, sw = 0;

    long extent() const { return (n - 1) * sn + (c - 1) * sc + (h - 1) * sh + (w - 1) * sw + 1; }

    bool same_shape(const Tensor& t) const { return n == t.n && c == t.c && h == t.h && w == t.w; }

    // The stride of an axis of size 1 does not matter.
    bool has_strides(long n_stride, long c_stride, long h_stride, long w_stride) const {
        return (n == 1 || sn == n_stride) && (c == 1 || sc == c_stride) && (h == 1 || sh == h_stride)
                && (w == 1 || sw == w_stride);
    }

    bool is_nhwc() const { return has_strides(long(h) * w * c, 1, long(w) * c, c); }
    bool is_nchw() const { return has_strides(long(c) * h * w, long(h) * w, w, 1); }
};

// k filters of c channels, h × w. NHWC means that a filter is stored h, w, c (KRSC).
struct Filter {
    bool set = false;
    int type = 0, format = 0;
    int k = 0, c = 0, h = 0, w = 0;

    long extent() const { return long(k) * c * h * w; }
    bool is_nhwc() const { return format == CUDNN_TENSOR_NHWC; }
    long stride_k() const { return long(c) * h * w; }
    long stride_c() const { return is_nhwc() ? 1 : long(h) * w; }
    long stride_h() const { return is_nhwc() ? long(w) * c : w; }
    long stride_w() const { return is_nhwc() ? c : 1; }
};

struct Convolution {
    bool set = false;
    int pad_h = 0, pad_w = 0, stride_h = 1, stride_w = 1, dilation_h = 1, dilation_w = 1;
    int mode = 0, compute = 0;
    int groups = 1, math = CUDNN_DEFAULT_MATH, reorder = 0;

    static int output(int in, int pad, int filter, int stride, int dilation) {
        int room = in + 2 * pad - ((filter - 1) * dilation + 1);
        return room < 0 ? 0 : room / stride + 1;
    }
    int output_h(const Tensor& x, const Filter& w) const { return output(x.h, pad_h, w.h, stride_h, dilation_h); }
    int output_w(const Tensor& x, const Filter& w) const { return output(x.w, pad_w, w.w, stride_w, dilation_w); }
};

struct Pooling {
    bool set = false;
    int mode = 0, nan = 0;
    int window_h = 0, window_w = 0, pad_h = 0, pad_w = 0, stride_h = 0, stride_w = 0;

    bool is_max() const { return mode == CUDNN_POOLING_MAX || mode == CUDNN_POOLING_MAX_DETERMINISTIC; }
    int output_h(const Tensor& x) const { return Convolution::output(x.h, pad_h, window_h, stride_h, 1); }
    int output_w(const Tensor& x) const { return Convolution::output(x.w, pad_w, window_w, stride_w, 1); }
};

struct Activation {
    bool set = false;
    int mode = 0, nan = 0;
    double coefficient = 0;
};

// Finds the descriptor, as a copy that later changes do not reach.
template <class D>
cudnnStatus_t fetch(const char* call, const char* name, cudnnDescriptor_t descriptor, D* copy) {
    const D* found = find<D>(descriptor);
    if (found == nullptr)
        return refuse_cudnn(CUDNN_STATUS_BAD_PARAM, call, "%s was not created, is destroyed, or of another kind", name);
    if (!found->set) return refuse_cudnn(CUDNN_STATUS_BAD_PARAM, call, "%s was created, but never set", name);
    *copy = *found;
    return CUDNN_STATUS_SUCCESS;
}

template <class D>
cudnnStatus_t create(const char* call, cudnnDescriptor_t* descriptor) {
    if (descriptor == nullptr) return bad_param(call, "the descriptor's pointer is null");
    if (auto status = injected(call, false)) return status;
    *descriptor = registry<D>().add();
    return CUDNN_STATUS_SUCCESS;
}

template <class D>
cudnnStatus_t destroy(const char* call, cudnnDescriptor_t descriptor) {
    if (registry<D>().remove(descriptor)) return CUDNN_STATUS_SUCCESS;
    return bad_param(call, "the descriptor was not created, is destroyed, or of another kind");
}

// Gives an existing descriptor new contents.
template <class D>
cudnnStatus_t assign(const char* call, cudnnDescriptor_t descriptor, const D& contents) {
    D* found = find<D>(descriptor);
    if (found == nullptr) return bad_param(call, "the descriptor was not created, is destroyed, or of another kind");
    *found = contents;
    found->set = true;
    return CUDNN_STATUS_SUCCESS;
}

// A factor, as cuDNN takes them: in host memory, double for tensors of double and else float.
inline cudnnStatus_t read_factor(const char* call, const char* name, const void* pointer, int type, double* value) {
    if (pointer == nullptr) return refuse_cudnn(CUDNN_STATUS_BAD_PARAM, call, "%s is null", name);
    if (soft_outside(pointer, 4) == nullptr)
        return refuse_cudnn(CUDNN_STATUS_BAD_PARAM, call, "%s is in device memory", name);
    *value = type == CUDNN_DATA_DOUBLE ? *static_cast<const double*>(pointer) : *static_cast<const float*>(pointer);
    return CUDNN_STATUS_SUCCESS;
}

// Checks that the given number of elements is inside one allocation.
inline cudnnStatus_t check_memory(const char* call, const char* name, const void* pointer, long elements, int type) {
    if (pointer == nullptr) return refuse_cudnn(CUDNN_STATUS_BAD_PARAM, call, "%s is null", name);
    if (reinterpret_cast<uintptr_t>(pointer) % size_of(type) != 0)
        return refuse_cudnn(CUDNN_STATUS_BAD_PARAM, call, "%s is not aligned to its elements", name);
    const char* why = soft_outside(pointer, elements * size_of(type));
    return why == nullptr ? CUDNN_STATUS_SUCCESS : refuse_cudnn(CUDNN_STATUS_BAD_PARAM, call, "%s: %s", name, why);
}

inline bool overlap(const void* a, long a_bytes, const void* b, long b_bytes) {
    auto p = reinterpret_cast<uintptr_t>(a), q = reinterpret_cast<uintptr_t>(b);
    return p < q + b_bytes && q < p + a_bytes;
}

template <class T, class V>
void give(T* to, V value) {
    if (to != nullptr) *to = static_cast<T>(value);
}

} // namespace soft
