// JCudnn's native library asks for all of cuDNN, and a call to a function that is missing would end the JVM.
#include "cudnn_handle.h"

#define UNSUPPORTED(name) \
    CUDNN_API cudnnStatus_t name() { return soft::not_supported(#name, "the software cuDNN does not have it"); }
#include "cudnn_unsupported.def"
