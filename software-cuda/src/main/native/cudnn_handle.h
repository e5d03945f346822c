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

inline cudnnStatus_t bad_param(const char* call, const char* why) {
    return refuse_cudnn(CUDNN_STATUS_BAD_PARAM, call, "%s", why);
}

inline cudnnStatus_t not_supported(const char* call, const char* why) {
    return refuse_cudnn(CUDNN_STATUS_NOT_SUPPORTED, call, "%s", why);
}

// Fails the call where a test asked for that. A code that is none of cuDNN's comes from a device that is lost: calls
// that use it fail as a launch does, the others do not notice.
inline cudnnStatus_t injected(const char* call, bool uses_device = true) {
    const int fault = soft_fault(call);
    if (fault >= CUDNN_STATUS_NOT_INITIALIZED)
        return refuse_cudnn(static_cast<cudnnStatus_t>(fault), call, "a fault was injected");
    if (fault == 0 || !uses_device) return CUDNN_STATUS_SUCCESS;
    return refuse_cudnn(CUDNN_STATUS_EXECUTION_FAILED, call, "the device is lost");
}

inline cudnnStatus_t enter(const char* call, cudnnHandle_t handle, Cudnn** found) {
    *found = find<Cudnn>(handle);
    if (*found == nullptr) return bad_param(call, "the handle was not created, or is destroyed");
    return injected(call);
}

} // namespace soft
