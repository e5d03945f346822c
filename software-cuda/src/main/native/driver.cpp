#include "driver.h"
#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace soft {

Driver& driver() {
    static Driver* d = new Driver();  // never destroyed: threads may still call while the process ends
    return *d;
}

Handle freshHandle() {
    static Handle last = 0x50f70000;
    return last += 16;
}

Driver::Driver() : legacy(std::make_shared<Stream>()) {
    legacy->legacy = true;
    defaults();
}

void Driver::defaults() {
    auto on = [](const char* variable) {
        const char* value = getenv(variable);
        return value && *value && strcmp(value, "0");
    };
    faults.clear();
    queue.deferred = on("SOFTCUDA_DEFERRED");
    reversed = on("SOFTCUDA_REVERSED");
    graphsRefused = on("SOFTCUDA_NO_GRAPHS");
    setIdle(on("SOFTCUDA_IDLE"));
    const char* bytes = getenv("SOFTCUDA_MEMORY");
    device.limit = bytes ? strtoull(bytes, nullptr, 10) : DeviceMemory::DEFAULT_LIMIT;
}

void Driver::setIdle(bool on) {
    idle = on;
    device.fills = !on;
}

Result Driver::refuse(Result result, const std::string& why) {
    message = why;
    return result;
}

void Driver::fail(Result result, const std::string& why) {
    if (context.sticky) return;
    context.sticky = result;
    message = why;
    changed.notify_all();
    fprintf(stderr, "[software CUDA] %s\n", why.c_str());
}

std::shared_ptr<Stream> Driver::stream(const void* handle) {
    return reinterpret_cast<Handle>(handle) <= 1 ? legacy : streams.find(handle);
}

void Driver::awaitChange() {
    changed.wait(lock);
}

void Driver::clear() {
    for (auto& s : streams.all()) s.second->queue.clear();
    legacy->queue.clear();
    streams.clear();
    events.clear();
    modules.clear();
    functions.clear();
    graphs.clear();
    executables.clear();
    captures.clear();
    device.releaseAll();
    host.releaseAll();
    context.sticky = SUCCESS;
    changed.notify_all();
}

bool Driver::captureForbids() {
    bool forbidden = false;
    captures.erase(std::remove_if(captures.begin(), captures.end(), [](auto& c) { return c.expired(); }), captures.end());
    for (auto& weak : captures) {
        auto c = weak.lock();
        if (!c || c->ended || c->mode == Capture::RELAXED) continue;
        if (c->mode == Capture::THREAD_LOCAL && c->thread != std::this_thread::get_id()) continue;
        c->invalidated = true;
        forbidden = true;
    }
    return forbidden;
}

namespace {
thread_local bool current = false;
}

bool contextIsCurrent() {
    return current;
}

void makeContextCurrent(bool yes) {
    current = yes;
}

Result admit(Driver& d, const char* call, unsigned needs) {
    if (int result = d.faults.strike(call)) return d.refuse(Result(result), std::string(call) + ": a fault was injected");
    if (d.faults.lost) return Result(d.faults.lost);
    if (needs == NOTHING) return SUCCESS;
    if (!d.initialised) return d.refuse(NOT_INITIALIZED, std::string(call) + ": cuInit was not called");
    if (needs & CONTEXT) {
        if (!current) return d.refuse(INVALID_CONTEXT, std::string(call) + ": the thread has no current context");
        if (!d.context.alive()) return d.refuse(CONTEXT_IS_DESTROYED, std::string(call) + ": the context was released");
        if (d.context.sticky) return d.context.sticky;
    }
    if (needs & UNSAFE && d.captureForbids())
        return d.refuse(STREAM_CAPTURE_UNSUPPORTED,
            std::string(call) + " may wait or allocate, which a capture in progress forbids");
    return SUCCESS;
}

}
