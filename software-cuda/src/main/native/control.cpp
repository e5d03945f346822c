// What tests ask of the software device: modes, faults, counts, and what is still alive.
#include "driver.h"
#include "soft.h"

using namespace soft;

namespace {

template <class F>
auto locked(F&& body) {
    Driver& d = driver();
    std::lock_guard<std::recursive_mutex> hold(d.lock);
    return body(d);
}

size_t give(const std::string& s, char* text, size_t size) {
    size_t n = std::min(s.size(), size);
    if (text) memcpy(text, s.data(), n);
    return s.size();
}

template <class T>
std::string count(const Handles<T>& handles, const char* what) {
    size_t n = handles.all().size();
    return n ? std::to_string(n) + " " + what + (n == 1 ? "\n" : "s\n") : "";
}

std::string leaks(Driver& d) {
    std::string list;
    for (auto& i : d.device.all()) {
        char line[160];
        snprintf(line, sizeof line, "device memory: %zu bytes at 0x%llx, allocation %llu, by %s\n", i.second.bytes,
            static_cast<unsigned long long>(i.first), static_cast<unsigned long long>(i.second.number),
            i.second.call.c_str());
        list += line;
    }
    for (auto& i : d.host.all()) {
        char line[160];
        snprintf(line, sizeof line, "%s host memory: %zu bytes, allocation %llu\n",
            i.second.registered ? "registered" : "pinned", i.second.bytes,
            static_cast<unsigned long long>(i.second.number));
        list += line;
    }
    return list + count(d.streams, "stream") + count(d.events, "event") + count(d.modules, "module")
        + count(d.graphs, "graph") + count(d.executables, "graph executable")
        + (d.descriptors ? std::to_string(d.descriptors) + " descriptors of cuDNN's graph API\n" : "");
}

}

API void soft_set_deferred(int on) {
    locked([&](Driver& d) {
        d.queue.deferred = on;
        if (!on) d.queue.drainAll(d, Queue::RETURN);
    });
}

API void soft_set_reversed(int on) {
    locked([&](Driver& d) { d.reversed = on; });
}

API void soft_set_graphs_refused(int on) {
    locked([&](Driver& d) { d.graphsRefused = on; });
}

API int soft_graphs_refused(void) {
    return locked([](Driver& d) { return d.graphsRefused ? 1 : 0; });
}

API void soft_count_descriptors(int difference) {
    locked([&](Driver& d) { d.descriptors += difference; });
}

API void soft_set_idle(int on) {
    locked([&](Driver& d) { d.setIdle(on); });
}

API void soft_inject(const char* call, long nth, int result) {
    locked([&](Driver& d) { d.faults.inject(call, nth, result); });
}

API void soft_lose_device(int result) {
    locked([&](Driver& d) { d.faults.lost = result; });
}

API void soft_limit_memory(size_t bytes) {
    locked([&](Driver& d) { d.device.limit = bytes; });
}

API void soft_reset(void) {
    locked([&](Driver& d) {
        d.queue.drainAll(d, Queue::RETURN);
        d.defaults();
        d.message.clear();
    });
}

API size_t soft_live_allocations(void) {
    return locked([](Driver& d) { return d.device.all().size(); });
}

API size_t soft_live_bytes(void) {
    return locked([](Driver& d) { return d.device.used(); });
}

API size_t soft_pending(void) {
    return locked([](Driver& d) { return d.queue.pending(d); });
}

API unsigned long long soft_launches(void) {
    return locked([](Driver& d) { return d.launches; });
}

API size_t soft_leaks(char* text, size_t size) {
    return locked([&](Driver& d) { return give(leaks(d), text, size); });
}

API size_t soft_message(char* text, size_t size) {
    return locked([&](Driver& d) { return give(d.message, text, size); });
}

// The answer of every call that JCuda knows and this driver does not have.
extern "C" int soft_unsupported(const char* call) {
    return enter(call, NOTHING, [&](Driver& d) {
        return d.refuse(NOT_SUPPORTED, std::string(call) + ": software CUDA does not have it");
    });
}
