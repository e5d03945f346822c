// The functions of instant CUDA that have to answer something for the backend to open.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { MULTIPROCESSORS = 16, MAJOR = 75, MINOR = 76 };

int cuDriverGetVersion(int* version) { return *version = 12060, 0; }
int cuDeviceGetCount(int* count) { return *count = 1, 0; }
int cuDeviceGet(int* device, int ordinal) { return *device = ordinal, 0; }
int cuDeviceTotalMem_v2(size_t* bytes, int device) { return (void)device, *bytes = (size_t)8 << 30, 0; }

int cuDeviceGetName(char* name, int length, int device) {
    (void)device;
    return strncpy(name, "instant CUDA", length), 0;
}

int cuDeviceGetAttribute(int* value, int attribute, int device) {
    (void)device;
    *value = attribute == MULTIPROCESSORS ? 132 : attribute == MAJOR ? 9 : attribute == MINOR ? 0 : 1;
    return 0;
}

// Handles are never looked at, so one does for all.
static int handle(void** to) { return *to = (void*)8, 0; }
int cuDevicePrimaryCtxRetain(void** context, int device) { return (void)device, handle(context); }
int cuStreamCreate(void** stream, unsigned flags) { return (void)flags, handle(stream); }
int cuEventCreate(void** event, unsigned flags) { return (void)flags, handle(event); }
int cuModuleLoadData(void** module, const void* image) { return (void)image, handle(module); }
int cuModuleLoadDataEx(void** module, const void* image) { return (void)image, handle(module); }
int cuModuleGetFunction(void** function, void* module, const char* name) { return (void)module, (void)name, handle(function); }
int cublasCreate_v2(void** blas) { return handle(blas); }
int cudnnCreate(void** dnn) { return handle(dnn); }

// Device memory is addresses only.
int cuMemAlloc_v2(uint64_t* address, size_t bytes) {
    static uint64_t next = 1 << 20;
    *address = next;
    next += (bytes + 511) / 512 * 512;
    return 0;
}

int cuMemGetInfo_v2(size_t* free, size_t* total) { return *free = *total = (size_t)8 << 30, 0; }
int cuMemHostAlloc(void** at, size_t bytes, unsigned flags) { return (void)flags, *at = calloc(1, bytes), 0; }
int cuMemFreeHost(void* at) { return free(at), 0; }

int cublasGetProperty(int which, int* value) { return *value = which == 0 ? 12 : which == 1 ? 6 : 0, 0; }
size_t cudnnGetVersion(void) { return 90000; }
