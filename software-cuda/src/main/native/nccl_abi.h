// The part of NCCL 2's binary interface that is implemented. Names and values are NVIDIA's.
#pragma once
#include <cstddef>

#define NCCL_API extern "C" __attribute__((visibility("default")))

enum ncclResult_t : int {
    ncclSuccess = 0,
    ncclUnhandledCudaError = 1,
    ncclSystemError = 2,
    ncclInternalError = 3,
    ncclInvalidArgument = 4,
    ncclInvalidUsage = 5,
    ncclRemoteError = 6,
    ncclInProgress = 7,
};

enum ncclRedOp_t : int { ncclSum = 0, ncclProd = 1, ncclMax = 2, ncclMin = 3, ncclAvg = 4 };

enum ncclDataType_t : int {
    ncclInt8 = 0,
    ncclUint8 = 1,
    ncclInt32 = 2,
    ncclUint32 = 3,
    ncclInt64 = 4,
    ncclUint64 = 5,
    ncclFloat16 = 6,
    ncclFloat32 = 7,
    ncclFloat64 = 8,
    ncclBfloat16 = 9,
};

struct ncclUniqueId {
    char internal[128];
};

// The beginning of it, up to what is read here.
struct ncclConfig_t {
    size_t size;
    unsigned int magic;
    unsigned int version;
    int blocking;
};

constexpr unsigned int NCCL_CONFIG_MAGIC = 0xcafebeef;
constexpr int NCCL_CONFIG_UNDEFINED = static_cast<int>(0x80000000);

typedef void* ncclComm_t;
typedef void* cudaStream_t;
