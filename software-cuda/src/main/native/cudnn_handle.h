// What a cuDNN handle remembers, and how calls refuse.
#pragma once
#include "cudnn_abi.h"
#include "refuse.h"
#include "registry.h"
#include "soft.h"

namespace soft {

struct Cudnn {
    cudaStream_t stream = nullptr;
};

template <class... Arguments>
cudnnStatus_t refuse_cudnn(cudnnStatus_t status, const char* call, const char* format, Arguments... arguments) {
    return static_cast<cudnnStatus_t>(refuse(status, call, format, arguments...));
}

inline cudnnStatus_t bad_param(const char* call, const char* why) { return refuse_cudnn(CUDNN_STATUS_BAD_PARAM, call, "%s", why); }

inline cudnnStatus_t not_supported(const char* call, const char* why) {
    return refuse_cudnn(CUDNN_STATUS_NOT_SUPPORTED, call, "%s", why);
}

// Fails the call where a test asked for that.
inline cudnnStatus_t injected(const char* call) {
    int fault = soft_fault(call);
    return fault == 0 ? CUDNN_STATUS_SUCCESS : refuse_cudnn(static_cast<cudnnStatus_t>(fault), call, "a fault was injected");
}

inline cudnnStatus_t enter(const char* call, cudnnHandle_t handle, Cudnn** found) {
    *found = find<Cudnn>(handle);
    if (*found == nullptr) return bad_param(call, "the handle was not created, or is destroyed");
    return injected(call);
}

}  // namespace soft
