// The names and texts of cuBLAS's status codes.
#include "cublas_abi.h"

namespace {

struct Text {
    cublasStatus_t status;
    const char* name;
    const char* text;
};

constexpr Text kTexts[] = {
        {CUBLAS_STATUS_SUCCESS, "CUBLAS_STATUS_SUCCESS", "success"},
        {CUBLAS_STATUS_NOT_INITIALIZED, "CUBLAS_STATUS_NOT_INITIALIZED", "the library was not initialized"},
        {CUBLAS_STATUS_ALLOC_FAILED, "CUBLAS_STATUS_ALLOC_FAILED", "the resource allocation failed"},
        {CUBLAS_STATUS_INVALID_VALUE, "CUBLAS_STATUS_INVALID_VALUE",
                "an unsupported value or parameter was passed to the function"},
        {CUBLAS_STATUS_ARCH_MISMATCH, "CUBLAS_STATUS_ARCH_MISMATCH",
                "the function requires a feature absent from the device architecture"},
        {CUBLAS_STATUS_MAPPING_ERROR, "CUBLAS_STATUS_MAPPING_ERROR", "an access to GPU memory space failed"},
        {CUBLAS_STATUS_EXECUTION_FAILED, "CUBLAS_STATUS_EXECUTION_FAILED", "the function failed to launch on the GPU"},
        {CUBLAS_STATUS_INTERNAL_ERROR, "CUBLAS_STATUS_INTERNAL_ERROR", "an internal operation failed"},
        {CUBLAS_STATUS_NOT_SUPPORTED, "CUBLAS_STATUS_NOT_SUPPORTED", "the requested functionality is not supported"},
        {CUBLAS_STATUS_LICENSE_ERROR, "CUBLAS_STATUS_LICENSE_ERROR", "a license error was detected"},
};

const Text* find(cublasStatus_t status) {
    for (const Text& text : kTexts)
        if (text.status == status) return &text;
    return nullptr;
}

} // namespace

CUBLAS_API const char* cublasGetStatusName(cublasStatus_t status) {
    const Text* text = find(status);
    return text == nullptr ? "CUBLAS_STATUS_UNKNOWN" : text->name;
}

CUBLAS_API const char* cublasGetStatusString(cublasStatus_t status) {
    const Text* text = find(status);
    return text == nullptr ? "unknown status code" : text->text;
}
