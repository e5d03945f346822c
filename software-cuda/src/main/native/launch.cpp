#include "launch.h"

namespace soft {
namespace {

// Keys of cuLaunchKernel's `extra`.
void* const END = nullptr;
void* const BUFFER_POINTER = reinterpret_cast<void*>(1);
void* const BUFFER_SIZE = reinterpret_cast<void*>(2);

std::string text(const soft_dim& d) {
    return "(" + std::to_string(d.x) + ", " + std::to_string(d.y) + ", " + std::to_string(d.z) + ")";
}

// The empty string, or what is wrong with the sizes.
std::string checkSizes(const Function& f, const Geometry& g) {
    const soft_dim &n = g.grid, &b = g.block;
    if (!n.x || !n.y || !n.z || n.x > 2147483647u || n.y > 65535 || n.z > 65535) return "the grid is " + text(n);
    if (!b.x || !b.y || !b.z || b.x > 1024 || b.y > 1024 || b.z > 64) return "the block is " + text(b);
    if (b.x * b.y * b.z > f.entry.maxThreads)
        return "the block is " + text(b) + ", and at most " + std::to_string(f.entry.maxThreads) + " threads are allowed";
    if (g.shared > f.dynamicLimit)
        return std::to_string(g.shared) + " bytes of dynamic shared memory, and at most " + std::to_string(f.dynamicLimit)
            + " are allowed";
    return "";
}

}

Result prepare(Driver& d, const LaunchRequest& r, Launch& launch) {
    launch.function = d.functions.find(r.function);
    if (!launch.function) return d.refuse(INVALID_HANDLE, "cuLaunchKernel: its module was unloaded, or it is no function");
    launch.geometry = r.geometry;
    std::string who = launch.describe() + ": ";
    std::string wrong = checkSizes(*launch.function, r.geometry);
    if (!wrong.empty()) return d.refuse(INVALID_VALUE, who + wrong);
    unsigned count = launch.function->kernel->count;
    if (r.parameters && r.extra) return d.refuse(INVALID_VALUE, who + "both kernelParams and extra");
    if (r.parameters) {
        for (unsigned i = 0; i < count; i++)
            if (!r.parameters[i]) return d.refuse(INVALID_VALUE, who + "kernelParams[" + std::to_string(i) + "] is null");
        launch.take(r.parameters);
        return SUCCESS;
    }
    if (!r.extra) return count ? d.refuse(INVALID_VALUE, who + "it has parameters, and none came") : SUCCESS;
    const char* buffer = nullptr;
    size_t size = 0;
    for (void** e = r.extra; *e != END; e += 2) {
        if (*e == BUFFER_POINTER) buffer = static_cast<const char*>(e[1]);
        else if (*e == BUFFER_SIZE) size = *static_cast<size_t*>(e[1]);
        else return d.refuse(INVALID_VALUE, who + "an unknown key in extra");
    }
    if (!buffer || !launch.takeBuffer(buffer, size)) return d.refuse(INVALID_VALUE, who + "the argument buffer is too short");
    return SUCCESS;
}

}
