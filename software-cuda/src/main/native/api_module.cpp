// Modules, functions, and launches.
#include "launch.h"

using namespace soft;

namespace {

constexpr unsigned STATIC_SHARED_LIMIT = 49152;
constexpr unsigned SHARED_LIMIT = 232448;
constexpr unsigned SHARED_OF_MULTIPROCESSOR = 233472;
constexpr unsigned SHARED_RESERVED = 1024;  // of each block
constexpr unsigned THREADS_PER_MULTIPROCESSOR = 2048;
constexpr unsigned BLOCKS_PER_MULTIPROCESSOR = 32;

Result load(Driver& d, void** to, const void* image) {
    if (!to || !image) return INVALID_VALUE;
    auto module = std::make_shared<Module>();
    std::string problem;
    if (Result result = readPtx(static_cast<const char*>(image), module->entries, problem)) return d.refuse(result, problem);
    *to = reinterpret_cast<void*>(d.modules.add(module));
    return SUCCESS;
}

// Whether the kernel compiled for the host takes what the PTX says.
std::string disagreement(const Entry& entry, const soft_kernel& k) {
    if (entry.parameters.size() != k.count)
        return "the PTX has " + std::to_string(entry.parameters.size()) + " parameters, the source " + std::to_string(k.count);
    for (unsigned i = 0; i < k.count; i++)
        if (entry.parameters[i] != k.parameters[i].size)
            return "parameter " + std::to_string(i) + " has " + std::to_string(entry.parameters[i]) + " bytes in the PTX and "
                + std::to_string(k.parameters[i].size) + " in the source";
    return "";
}

Result getFunction(Driver& d, void** to, void* moduleHandle, const char* name) {
    if (!to || !name) return INVALID_VALUE;
    auto module = d.modules.find(moduleHandle);
    if (!module) return d.refuse(INVALID_HANDLE, "cuModuleGetFunction: the module was unloaded, or never was one");
    auto entry = module->entries.find(name);
    if (entry == module->entries.end()) return d.refuse(NOT_FOUND, "the module has no entry " + std::string(name));
    void*& handle = module->functions[name];
    if (!handle) {
        std::string problem;
        const soft_kernel* kernel = hostKernel(name, problem);
        if (!kernel) return d.refuse(NOT_FOUND, problem);
        problem = disagreement(entry->second, *kernel);
        if (!problem.empty()) return d.refuse(INVALID_PTX, std::string(name) + ": the PTX is stale: " + problem);
        auto function = std::make_shared<Function>();
        *function = {kernel, entry->second, STATIC_SHARED_LIMIT - std::min(STATIC_SHARED_LIMIT, entry->second.sharedBytes),
            moduleHandle};
        handle = reinterpret_cast<void*>(d.functions.add(function));
    }
    *to = handle;
    return SUCCESS;
}

unsigned blocksOfMultiprocessor(const Function& f, unsigned threads, size_t shared) {
    bool fits = threads <= f.entry.maxThreads && shared <= f.dynamicLimit;
    size_t byShared = SHARED_OF_MULTIPROCESSOR / (SHARED_RESERVED + f.entry.sharedBytes + shared);
    size_t blocks = std::min<size_t>(BLOCKS_PER_MULTIPROCESSOR, THREADS_PER_MULTIPROCESSOR / threads);
    return fits ? std::min(blocks, byShared) : 0;
}

template <class F>
int onFunction(const char* call, const void* handle, F&& body) {
    return enter(call, CONTEXT, [&](Driver& d) -> Result {
        auto function = d.functions.find(handle);
        if (!function) return d.refuse(INVALID_HANDLE, std::string(call) + ": its module was unloaded, or it never was one");
        return body(d, *function);
    });
}

// The blocks of a cooperative launch all have to fit on the device.
int submit(const char* call, const LaunchRequest& request, void* stream, bool cooperative) {
    return enter(call, CONTEXT, [&](Driver& d) -> Result {
        auto s = d.stream(stream);
        if (!s) return d.refuse(INVALID_HANDLE, std::string(call) + ": the stream was destroyed, or never was one");
        auto launch = std::make_shared<Launch>();
        if (Result wrong = prepare(d, request, *launch)) return wrong;
        const auto& [n, b, shared] = request.geometry;
        unsigned long long most = 1ull * d.multiprocessors() * blocksOfMultiprocessor(*launch->function, b.x * b.y * b.z, shared);
        if (cooperative && 1ull * n.x * n.y * n.z > most)
            return d.refuse(COOPERATIVE_LAUNCH_TOO_LARGE, launch->describe() + ": at most " + std::to_string(most) + " blocks fit");
        launch->cooperative = cooperative;
        return d.queue.submit(d, s, launch);
    });
}

}

API int cuModuleLoadData(void** to, const void* image) {
    return enter("cuModuleLoadData", CONTEXT | UNSAFE, [&](Driver& d) { return load(d, to, image); });
}

API int cuModuleLoadDataEx(void** to, const void* image, unsigned, int*, void**) {
    return enter("cuModuleLoadDataEx", CONTEXT | UNSAFE, [&](Driver& d) { return load(d, to, image); });
}

API int cuModuleUnload(void* handle) {
    return enter("cuModuleUnload", CONTEXT | UNSAFE, [&](Driver& d) -> Result {
        auto module = d.modules.find(handle);
        if (!module) return d.refuse(INVALID_HANDLE, "cuModuleUnload: the module was unloaded, or never was one");
        for (auto& f : module->functions) d.functions.remove(f.second);
        d.modules.remove(handle);
        return SUCCESS;
    });
}

API int cuModuleGetFunction(void** to, void* module, const char* name) {
    return enter("cuModuleGetFunction", CONTEXT, [&](Driver& d) { return getFunction(d, to, module, name); });
}

API int cuModuleGetLoadingMode(int* mode) {
    if (!mode) return INVALID_VALUE;
    *mode = 2;  // lazy
    return SUCCESS;
}

API int cuFuncGetAttribute(int* value, int attribute, void* handle) {
    return onFunction("cuFuncGetAttribute", handle, [&](Driver&, Function& f) -> Result {
        if (!value) return INVALID_VALUE;
        switch (attribute) {
            case 0: *value = f.entry.maxThreads; return SUCCESS;
            case 1: *value = f.entry.sharedBytes; return SUCCESS;
            case 4: *value = 32; return SUCCESS;   // registers
            case 5: *value = 70; return SUCCESS;   // PTX version
            case 6: *value = 90; return SUCCESS;   // binary version
            case 8: *value = f.dynamicLimit; return SUCCESS;
            default: *value = 0; return attribute < 0 || attribute > 15 ? INVALID_VALUE : SUCCESS;
        }
    });
}

API int cuFuncSetAttribute(void* handle, int attribute, int value) {
    return onFunction("cuFuncSetAttribute", handle, [&](Driver& d, Function& f) -> Result {
        if (attribute != 8 && attribute != 9) return INVALID_VALUE;
        if (attribute == 9) return SUCCESS;  // a preference only
        if (value < 0 || value + f.entry.sharedBytes > SHARED_LIMIT)
            return d.refuse(INVALID_VALUE, "cuFuncSetAttribute: a block has at most 232448 bytes of shared memory");
        f.dynamicLimit = value;
        return SUCCESS;
    });
}

API int cuFuncSetCacheConfig(void* handle, int) {
    return onFunction("cuFuncSetCacheConfig", handle, [](Driver&, Function&) -> Result { return SUCCESS; });
}

API int cuOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, void* handle, int blockSize, size_t shared) {
    return onFunction("cuOccupancyMaxActiveBlocksPerMultiprocessor", handle, [&](Driver&, Function& f) -> Result {
        if (!blocks || blockSize < 1) return INVALID_VALUE;
        *blocks = blocksOfMultiprocessor(f, blockSize, shared);
        return SUCCESS;
    });
}

API int cuOccupancyMaxPotentialBlockSize(int* grid, int* block, void* handle, void*, size_t, int limit) {
    return onFunction("cuOccupancyMaxPotentialBlockSize", handle, [&](Driver& d, Function& f) -> Result {
        if (!grid || !block) return INVALID_VALUE;
        *block = limit > 0 ? std::min(unsigned(limit), f.entry.maxThreads) : f.entry.maxThreads;
        *grid = d.multiprocessors() * std::max(1u, THREADS_PER_MULTIPROCESSOR / *block);
        return SUCCESS;
    });
}

API int cuLaunchKernel(void* function, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz,
                       unsigned shared, void* stream, void** parameters, void** extra) {
    LaunchRequest request = {function, {{gx, gy, gz}, {bx, by, bz}, shared}, parameters, extra};
    return submit("cuLaunchKernel", request, stream, false);
}

API int cuLaunchCooperativeKernel(void* function, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz,
                                  unsigned shared, void* stream, void** parameters) {
    LaunchRequest request = {function, {{gx, gy, gz}, {bx, by, bz}, shared}, parameters, nullptr};
    return submit("cuLaunchCooperativeKernel", request, stream, true);
}
