// Enough of NVIDIA's libraries to be loaded and asked for their versions and devices; what they answer is set by -D.
#include <stddef.h>
#include <stdio.h>

#ifdef CUDA
int cuInit(unsigned flags) { return INIT; }
int cuDriverGetVersion(int* version) { return *version = CUDA, 0; }
int cuDeviceGetCount(int* count) { return *count = DEVICES, 0; }
int cuDeviceGet(int* device, int ordinal) { return *device = ordinal, 0; }
int cuDeviceGetName(char* name, int length, int device) { return snprintf(name, length, "Fake GPU %d", device), 0; }
int cuDeviceTotalMem_v2(size_t* bytes, int device) { return *bytes = (size_t)8 << 30, 0; }
int cuDeviceGetAttribute(int* value, int attribute, int device) {
    return *value = (CAPABILITY + device * STEP) / (attribute == 75 ? 10 : 1) % 10, 0;  // 75: before the point, 76: after
}
int cuDevicePrimaryCtxRetain(void** context, int device) { return *context = &cuInit, 0; }
int cuDevicePrimaryCtxRelease_v2(int device) { return 0; }
int cuCtxSetCurrent(void* context) { return 0; }
int cuCtxGetCurrent(void** context) { return *context = NULL, 0; }
int cuMemGetInfo_v2(size_t* free, size_t* total) { return *free = (size_t)5 << 30, *total = (size_t)8 << 30, 0; }
#endif

#ifdef CUBLAS
int cublasGetProperty(int type, int* value) { return *value = (int[]){CUBLAS, 6, 4}[type], 0; }
#endif

#ifdef CUDNN
size_t cudnnGetVersion(void) { return CUDNN; }
size_t cudnnGetCudartVersion(void) { return CUDNN_CUDA; }
#endif

#ifdef PART
int PART(void) { return 0; }
#endif
