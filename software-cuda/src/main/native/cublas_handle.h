// What a cuBLAS handle remembers.
#pragma once
#include "cublas_abi.h"
#include "refuse.h"
#include "registry.h"
#include "soft.h"

namespace soft {

struct Cublas {
    cudaStream_t stream = nullptr;
    int pointer_mode = CUBLAS_POINTER_MODE_HOST;
    int math_mode = CUBLAS_DEFAULT_MATH;
    int atomics_mode = 0;
    int sm_count_target = 0;
};

inline cublasStatus_t refuse_cublas(cublasStatus_t status, const char* call, const char* why) {
    return static_cast<cublasStatus_t>(refuse(status, call, "%s", why));
}

// Fails the call where a test asked for that; a code that is none of cuBLAS's, such as a lost device's, as a failed
// launch.
inline cublasStatus_t injected(const char* call) {
    const int fault = soft_fault(call);
    if (fault == 0) return CUBLAS_STATUS_SUCCESS;
    const bool own = fault <= CUBLAS_STATUS_LICENSE_ERROR;
    return refuse_cublas(
            own ? static_cast<cublasStatus_t>(fault) : CUBLAS_STATUS_EXECUTION_FAILED, call, "a fault was injected");
}

inline cublasStatus_t enter(const char* call, cublasHandle_t handle, Cublas** found) {
    *found = find<Cublas>(handle);
    if (*found == nullptr)
        return refuse_cublas(CUBLAS_STATUS_NOT_INITIALIZED, call, "the handle was not created, or is destroyed");
    return injected(call);
}

} // namespace soft
