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

// Finds the handle, and fails the call where a test asked for that.
inline cublasStatus_t enter(const char* call, cublasHandle_t handle, Cublas** found) {
    *found = find<Cublas>(handle);
    if (*found == nullptr)
        return refuse_cublas(CUBLAS_STATUS_NOT_INITIALIZED, call, "the handle was not created, or is destroyed");
    if (int fault = soft_fault(call)) return refuse_cublas(static_cast<cublasStatus_t>(fault), call, "a fault was injected");
    return CUBLAS_STATUS_SUCCESS;
}

}  // namespace soft
