// Creating, destroying and configuring a cuBLAS handle.
#include "cublas_handle.h"

#include <cstdint>

using namespace soft;

namespace {

constexpr int kVersion = 120601;
constexpr int kCudart = 12060;

template <class T>
cublasStatus_t get(const char* call, cublasHandle_t handle, T Cublas::* field, T* value) {
    Cublas* cublas;
    if (auto status = enter(call, handle, &cublas)) return status;
    if (value == nullptr) return refuse_cublas(CUBLAS_STATUS_INVALID_VALUE, call, "the result's pointer is null");
    *value = cublas->*field;
    return CUBLAS_STATUS_SUCCESS;
}

template <class T>
cublasStatus_t set(const char* call, cublasHandle_t handle, T Cublas::* field, T value, bool valid) {
    Cublas* cublas;
    if (auto status = enter(call, handle, &cublas)) return status;
    if (!valid) return refuse_cublas(CUBLAS_STATUS_INVALID_VALUE, call, "no such mode");
    cublas->*field = value;
    return CUBLAS_STATUS_SUCCESS;
}

bool is_math_mode(int mode) {
    int base = mode & ~CUBLAS_MATH_DISALLOW_REDUCED_PRECISION_REDUCTION;
    return base >= CUBLAS_DEFAULT_MATH && base <= CUBLAS_TF32_TENSOR_OP_MATH;
}

} // namespace

CUBLAS_API cublasStatus_t cublasCreate_v2(cublasHandle_t* handle) {
    if (handle == nullptr)
        return refuse_cublas(CUBLAS_STATUS_INVALID_VALUE, "cublasCreate", "the handle's pointer is null");
    if (auto status = injected("cublasCreate")) return status;
    *handle = registry<Cublas>().add();
    return CUBLAS_STATUS_SUCCESS;
}

CUBLAS_API cublasStatus_t cublasDestroy_v2(cublasHandle_t handle) {
    if (registry<Cublas>().remove(handle)) return CUBLAS_STATUS_SUCCESS;
    return refuse_cublas(CUBLAS_STATUS_NOT_INITIALIZED, "cublasDestroy", "the handle was not created, or is destroyed");
}

CUBLAS_API cublasStatus_t cublasGetVersion_v2(cublasHandle_t, int* version) {
    if (version == nullptr)
        return refuse_cublas(CUBLAS_STATUS_INVALID_VALUE, "cublasGetVersion", "the result's pointer is null");
    *version = kVersion;
    return CUBLAS_STATUS_SUCCESS;
}

CUBLAS_API cublasStatus_t cublasGetProperty(int type, int* value) {
    if (value == nullptr || type < 0 || type > 2)
        return refuse_cublas(CUBLAS_STATUS_INVALID_VALUE, "cublasGetProperty", "no such property, or a null pointer");
    *value = type == 0 ? kVersion / 10000 : type == 1 ? kVersion / 100 % 100 : kVersion % 100;
    return CUBLAS_STATUS_SUCCESS;
}

CUBLAS_API size_t cublasGetCudartVersion() { return kCudart; }

CUBLAS_API cublasStatus_t cublasSetStream_v2(cublasHandle_t handle, cudaStream_t stream) {
    return set("cublasSetStream", handle, &Cublas::stream, stream, true);
}

CUBLAS_API cublasStatus_t cublasGetStream_v2(cublasHandle_t handle, cudaStream_t* stream) {
    return get("cublasGetStream", handle, &Cublas::stream, stream);
}

// Nothing here needs a workspace; that a user's is sound is checked all the same.
CUBLAS_API cublasStatus_t cublasSetWorkspace_v2(cublasHandle_t handle, void* workspace, size_t bytes) {
    Cublas* cublas;
    if (auto status = enter("cublasSetWorkspace", handle, &cublas)) return status;
    if (reinterpret_cast<uintptr_t>(workspace) % 256 != 0)
        return refuse_cublas(
                CUBLAS_STATUS_INVALID_VALUE, "cublasSetWorkspace", "the workspace is not aligned to 256 bytes");
    if (workspace != nullptr && bytes > 0)
        if (const char* why = soft_outside(workspace, bytes))
            return refuse_cublas(CUBLAS_STATUS_INVALID_VALUE, "cublasSetWorkspace", why);
    return CUBLAS_STATUS_SUCCESS;
}

CUBLAS_API cublasStatus_t cublasSetPointerMode_v2(cublasHandle_t handle, int mode) {
    return set("cublasSetPointerMode", handle, &Cublas::pointer_mode, mode, mode == 0 || mode == 1);
}

CUBLAS_API cublasStatus_t cublasGetPointerMode_v2(cublasHandle_t handle, int* mode) {
    return get("cublasGetPointerMode", handle, &Cublas::pointer_mode, mode);
}

CUBLAS_API cublasStatus_t cublasSetMathMode(cublasHandle_t handle, int mode) {
    return set("cublasSetMathMode", handle, &Cublas::math_mode, mode, is_math_mode(mode));
}

CUBLAS_API cublasStatus_t cublasGetMathMode(cublasHandle_t handle, int* mode) {
    return get("cublasGetMathMode", handle, &Cublas::math_mode, mode);
}

CUBLAS_API cublasStatus_t cublasSetAtomicsMode(cublasHandle_t handle, int mode) {
    return set("cublasSetAtomicsMode", handle, &Cublas::atomics_mode, mode, mode == 0 || mode == 1);
}

CUBLAS_API cublasStatus_t cublasGetAtomicsMode(cublasHandle_t handle, int* mode) {
    return get("cublasGetAtomicsMode", handle, &Cublas::atomics_mode, mode);
}

CUBLAS_API cublasStatus_t cublasSetSmCountTarget(cublasHandle_t handle, int count) {
    return set("cublasSetSmCountTarget", handle, &Cublas::sm_count_target, count, count >= 0);
}

CUBLAS_API cublasStatus_t cublasGetSmCountTarget(cublasHandle_t handle, int* count) {
    return get("cublasGetSmCountTarget", handle, &Cublas::sm_count_target, count);
}
