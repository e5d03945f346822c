// The device and its primary context.
#include <dlfcn.h>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <mutex>
#include <vector>
#include "driver.h"

using namespace soft;

namespace {

constexpr int VERSION = 12060;
constexpr const char* NAME = "Software CUDA (host memory)";

constexpr int MULTIPROCESSOR_COUNT = 16;

// CUdevice_attribute: as of an H100, but for the number of its multiprocessors.
const std::map<int, int> ATTRIBUTES = {
    {1, 1024},          // MAX_THREADS_PER_BLOCK
    {2, 1024},          // MAX_BLOCK_DIM_X
    {3, 1024},          // MAX_BLOCK_DIM_Y
    {4, 64},            // MAX_BLOCK_DIM_Z
    {5, 2147483647},    // MAX_GRID_DIM_X
    {6, 65535},         // MAX_GRID_DIM_Y
    {7, 65535},         // MAX_GRID_DIM_Z
    {8, 49152},         // MAX_SHARED_MEMORY_PER_BLOCK
    {9, 65536},         // TOTAL_CONSTANT_MEMORY
    {10, 32},           // WARP_SIZE
    {11, 2147483647},   // MAX_PITCH
    {12, 65536},        // MAX_REGISTERS_PER_BLOCK
    {13, 1000000},      // CLOCK_RATE, kHz
    {14, 512},          // TEXTURE_ALIGNMENT
    {15, 1},            // GPU_OVERLAP
    {19, 1},            // CAN_MAP_HOST_MEMORY
    {31, 1},            // CONCURRENT_KERNELS
    {36, 1000000},      // MEMORY_CLOCK_RATE, kHz
    {37, 64},           // GLOBAL_MEMORY_BUS_WIDTH, bits
    {38, 1048576},      // L2_CACHE_SIZE
    {39, 2048},         // MAX_THREADS_PER_MULTIPROCESSOR
    {40, 2},            // ASYNC_ENGINE_COUNT
    {41, 1},            // UNIFIED_ADDRESSING
    {75, 9},            // COMPUTE_CAPABILITY_MAJOR
    {76, 0},            // COMPUTE_CAPABILITY_MINOR
    {78, 1},            // STREAM_PRIORITIES_SUPPORTED
    {81, 233472},       // MAX_SHARED_MEMORY_PER_MULTIPROCESSOR
    {82, 65536},        // MAX_REGISTERS_PER_MULTIPROCESSOR
    {95, 1},            // COOPERATIVE_LAUNCH
    {97, 232448},       // MAX_SHARED_MEMORY_PER_BLOCK_OPTIN
    {106, 32},          // MAX_BLOCKS_PER_MULTIPROCESSOR
    {111, 1024},        // RESERVED_SHARED_MEMORY_PER_BLOCK
    {115, 1},           // MEMORY_POOLS_SUPPORTED
};
constexpr int LAST_ATTRIBUTE = 140;

thread_local std::vector<bool> pushed;  // whether the context was current beneath each push

template <class F>
int onDevice(const char* call, int device, F&& body) {
    return enter(call, INITIALISED, [&](Driver& d) -> Result {
        return device ? d.refuse(INVALID_DEVICE, std::string(call) + ": there is one device, 0") : body(d);
    });
}

// NVIDIA's driver does so as well, for profilers: the library that CUDA_INJECTION64_PATH names is told of the first cuInit.
void initializeInjection() {
    const char* path = getenv("CUDA_INJECTION64_PATH");
    void* library = path != nullptr ? dlopen(path, RTLD_NOW) : nullptr;
    void* initialize = library != nullptr ? dlsym(library, "InitializeInjection") : nullptr;
    if (initialize != nullptr) reinterpret_cast<int (*)()>(initialize)();
}

}

API int cuInit(unsigned flags) {
    static std::once_flag once;
    std::call_once(once, initializeInjection);
    return enter("cuInit", NOTHING, [&](Driver& d) -> Result {
        if (flags) return INVALID_VALUE;
        d.initialised = true;
        return SUCCESS;
    });
}

API int cuDriverGetVersion(int* version) {
    if (!version) return INVALID_VALUE;
    *version = VERSION;
    return SUCCESS;
}

API int cuDeviceGetCount(int* count) {
    return enter("cuDeviceGetCount", INITIALISED, [&](Driver&) -> Result {
        if (!count) return INVALID_VALUE;
        *count = 1;
        return SUCCESS;
    });
}

API int cuDeviceGet(int* device, int ordinal) {
    return onDevice("cuDeviceGet", ordinal, [&](Driver&) -> Result {
        if (!device) return INVALID_VALUE;
        *device = ordinal;
        return SUCCESS;
    });
}

API int cuDeviceGetName(char* name, int length, int device) {
    return onDevice("cuDeviceGetName", device, [&](Driver&) -> Result {
        if (!name || length <= 0) return INVALID_VALUE;
        snprintf(name, length, "%s", NAME);
        return SUCCESS;
    });
}

API int cuDeviceGetUuid(char* uuid, int device) {
    return onDevice("cuDeviceGetUuid", device, [&](Driver&) -> Result {
        if (!uuid) return INVALID_VALUE;
        memcpy(uuid, "alborz-software", 16);
        return SUCCESS;
    });
}

API int cuDeviceGetPCIBusId(char* id, int length, int device) {
    return onDevice("cuDeviceGetPCIBusId", device, [&](Driver&) -> Result {
        if (!id || length < 13) return INVALID_VALUE;
        snprintf(id, length, "0000:00:00.0");
        return SUCCESS;
    });
}

API int cuDeviceTotalMem_v2(size_t* bytes, int device) {
    return onDevice("cuDeviceTotalMem_v2", device, [&](Driver& d) -> Result {
        if (!bytes) return INVALID_VALUE;
        *bytes = d.device.limit;
        return SUCCESS;
    });
}

API int cuDeviceGetAttribute(int* value, int attribute, int device) {
    return onDevice("cuDeviceGetAttribute", device, [&](Driver& d) -> Result {
        if (!value || attribute < 1 || attribute > LAST_ATTRIBUTE) return INVALID_VALUE;
        if (attribute == MULTIPROCESSOR_COUNT) {
            *value = d.multiprocessors();
            return SUCCESS;
        }
        auto i = ATTRIBUTES.find(attribute);
        *value = i == ATTRIBUTES.end() ? 0 : i->second;
        return SUCCESS;
    });
}

API int cuDeviceComputeCapability(int* major, int* minor, int device) {
    return onDevice("cuDeviceComputeCapability", device, [&](Driver&) -> Result {
        if (!major || !minor) return INVALID_VALUE;
        *major = ATTRIBUTES.at(75);
        *minor = ATTRIBUTES.at(76);
        return SUCCESS;
    });
}

API int cuDevicePrimaryCtxRetain(void** context, int device) {
    return onDevice("cuDevicePrimaryCtxRetain", device, [&](Driver& d) -> Result {
        if (!context) return INVALID_VALUE;
        d.context.users++;
        *context = &d.context;
        return SUCCESS;
    });
}

API int cuDevicePrimaryCtxRelease_v2(int device) {
    return onDevice("cuDevicePrimaryCtxRelease_v2", device, [&](Driver& d) -> Result {
        if (!d.context.alive()) return d.refuse(INVALID_CONTEXT, "the primary context was released more than retained");
        if (--d.context.users == 0) d.clear();
        return SUCCESS;
    });
}

API int cuDevicePrimaryCtxReset_v2(int device) {
    return onDevice("cuDevicePrimaryCtxReset_v2", device, [&](Driver& d) -> Result {
        d.clear();
        return SUCCESS;
    });
}

API int cuDevicePrimaryCtxGetState(int device, unsigned* flags, int* active) {
    return onDevice("cuDevicePrimaryCtxGetState", device, [&](Driver& d) -> Result {
        if (!flags || !active) return INVALID_VALUE;
        *flags = 0;
        *active = d.context.alive();
        return SUCCESS;
    });
}

API int cuDevicePrimaryCtxSetFlags_v2(int device, unsigned) {
    return onDevice("cuDevicePrimaryCtxSetFlags_v2", device, [](Driver&) -> Result { return SUCCESS; });
}

API int cuCtxSetCurrent(void* context) {
    return enter("cuCtxSetCurrent", INITIALISED, [&](Driver& d) -> Result {
        if (context && context != &d.context) return d.refuse(INVALID_CONTEXT, "cuCtxSetCurrent: it is no context");
        if (context && !d.context.alive()) return CONTEXT_IS_DESTROYED;
        makeContextCurrent(context != nullptr);
        return SUCCESS;
    });
}

API int cuCtxGetCurrent(void** context) {
    return enter("cuCtxGetCurrent", INITIALISED, [&](Driver& d) -> Result {
        if (!context) return INVALID_VALUE;
        *context = contextIsCurrent() ? &d.context : nullptr;
        return SUCCESS;
    });
}

API int cuCtxPushCurrent_v2(void* context) {
    return enter("cuCtxPushCurrent_v2", INITIALISED, [&](Driver& d) -> Result {
        if (context != &d.context) return INVALID_CONTEXT;
        pushed.push_back(contextIsCurrent());
        makeContextCurrent(true);
        return SUCCESS;
    });
}

API int cuCtxPopCurrent_v2(void** context) {
    return enter("cuCtxPopCurrent_v2", INITIALISED, [&](Driver& d) -> Result {
        if (!contextIsCurrent()) return INVALID_CONTEXT;
        if (context) *context = &d.context;
        makeContextCurrent(!pushed.empty() && pushed.back());
        if (!pushed.empty()) pushed.pop_back();
        return SUCCESS;
    });
}

API int cuCtxGetDevice(int* device) {
    return enter("cuCtxGetDevice", CONTEXT, [&](Driver&) -> Result {
        if (!device) return INVALID_VALUE;
        *device = 0;
        return SUCCESS;
    });
}

API int cuCtxGetStreamPriorityRange(int* least, int* greatest) {
    return enter("cuCtxGetStreamPriorityRange", CONTEXT, [&](Driver&) -> Result {
        if (least) *least = 0;
        if (greatest) *greatest = -5;
        return SUCCESS;
    });
}

API int cuCtxSynchronize() {
    return enter("cuCtxSynchronize", CONTEXT | UNSAFE, [&](Driver& d) -> Result {
        for (auto& s : d.streams.all())
            if (s.second->capture) {
                s.second->capture->invalidated = true;
                return d.refuse(STREAM_CAPTURE_UNSUPPORTED, "cuCtxSynchronize while a stream captures");
            }
        d.queue.drainAll(d, Queue::WAIT);
        return d.context.sticky;
    });
}

API int cuProfilerStart() {
    return enter("cuProfilerStart", CONTEXT, [](Driver&) -> Result { return SUCCESS; });
}

API int cuProfilerStop() {
    return enter("cuProfilerStop", CONTEXT, [](Driver&) -> Result { return SUCCESS; });
}
