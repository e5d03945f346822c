// JCublas2's native library asks for nearly all of cuBLAS, and a call to a function that is missing would end the JVM.
#include "cublas_handle.h"

#define UNSUPPORTED(name)                                                                                       \
    CUBLAS_API cublasStatus_t name() {                                                                          \
        return soft::refuse_cublas(CUBLAS_STATUS_NOT_SUPPORTED, #name, "the software cuBLAS does not have it"); \
    }
#include "cublas_unsupported.def"
