// Creating, destroying and configuring a cuDNN handle.
#include "cudnn_handle.h"

using namespace soft;

namespace {

constexpr int kVersion = 90501;
constexpr int kCudart = 12060;

} // namespace

CUDNN_API size_t cudnnGetVersion() { return kVersion; }

CUDNN_API size_t cudnnGetCudartVersion() { return kCudart; }

CUDNN_API size_t cudnnGetMaxDeviceVersion() { return 900; }

CUDNN_API cudnnStatus_t cudnnGetProperty(int type, int* value) {
    if (value == nullptr || type < 0 || type > 2)
        return bad_param("cudnnGetProperty", "no such property, or a null pointer");
    *value = type == 0 ? kVersion / 10000 : type == 1 ? kVersion / 100 % 100 : kVersion % 100;
    return CUDNN_STATUS_SUCCESS;
}

CUDNN_API cudnnStatus_t cudnnGraphVersionCheck() { return CUDNN_STATUS_SUCCESS; }
CUDNN_API cudnnStatus_t cudnnOpsVersionCheck() { return CUDNN_STATUS_SUCCESS; }
CUDNN_API cudnnStatus_t cudnnCnnVersionCheck() { return CUDNN_STATUS_SUCCESS; }
CUDNN_API cudnnStatus_t cudnnAdvVersionCheck() { return CUDNN_STATUS_SUCCESS; }

CUDNN_API cudnnStatus_t cudnnCreate(cudnnHandle_t* handle) {
    if (handle == nullptr) return bad_param("cudnnCreate", "the handle's pointer is null");
    if (auto status = injected("cudnnCreate")) return status;
    *handle = registry<Cudnn>().add();
    return CUDNN_STATUS_SUCCESS;
}

CUDNN_API cudnnStatus_t cudnnDestroy(cudnnHandle_t handle) {
    return registry<Cudnn>().remove(handle) ? CUDNN_STATUS_SUCCESS
                                            : bad_param("cudnnDestroy", "the handle was not created, or is destroyed");
}

CUDNN_API cudnnStatus_t cudnnSetStream(cudnnHandle_t handle, cudaStream_t stream) {
    Cudnn* cudnn;
    if (auto status = enter("cudnnSetStream", handle, &cudnn)) return status;
    cudnn->stream = stream;
    return CUDNN_STATUS_SUCCESS;
}

CUDNN_API cudnnStatus_t cudnnGetStream(cudnnHandle_t handle, cudaStream_t* stream) {
    Cudnn* cudnn;
    if (auto status = enter("cudnnGetStream", handle, &cudnn)) return status;
    if (stream == nullptr) return bad_param("cudnnGetStream", "the result's pointer is null");
    *stream = cudnn->stream;
    return CUDNN_STATUS_SUCCESS;
}

CUDNN_API cudnnStatus_t cudnnQueryRuntimeError(cudnnHandle_t handle, int* status, int, void*) {
    Cudnn* cudnn;
    if (auto refused = enter("cudnnQueryRuntimeError", handle, &cudnn)) return refused;
    if (status == nullptr) return bad_param("cudnnQueryRuntimeError", "the result's pointer is null");
    *status = CUDNN_STATUS_SUCCESS;
    return CUDNN_STATUS_SUCCESS;
}
