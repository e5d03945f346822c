#include "work.h"
#include "guard.h"
#include "soft.h"

namespace soft {
namespace {

// Said by running work through soft_fail.
Result complaint = SUCCESS;
std::string complaintText;

// Whether a kernel may follow the pointer: into device memory (or to the end of an allocation), pinned memory, or null.
std::string pointerProblem(Driver& d, uintptr_t p) {
    if (!p || d.host.pinned(p, 0)) return "";
    if (!d.device.owns(p)) return "is neither in device memory nor in pinned memory";
    return d.device.find(p) ? "" : "points to no live allocation (freed before?)";
}

}

void Launch::take(void** from) {
    const soft_kernel& k = *function->kernel;
    std::vector<size_t> offsets;
    for (unsigned i = 0; i < k.count; i++) {
        size_t a = k.parameters[i].alignment;
        arguments.resize((arguments.size() + a - 1) / a * a);
        offsets.push_back(arguments.size());
        const char* bytes = static_cast<const char*>(from[i]);
        arguments.insert(arguments.end(), bytes, bytes + k.parameters[i].size);
    }
    for (size_t offset : offsets) pointers.push_back(arguments.data() + offset);
}

bool Launch::takeBuffer(const char* buffer, size_t size) {
    const soft_kernel& k = *function->kernel;
    std::vector<void*> from;
    size_t at = 0;
    for (unsigned i = 0; i < k.count; i++) {
        size_t a = k.parameters[i].alignment;
        at = (at + a - 1) / a * a;
        from.push_back(const_cast<char*>(buffer + at));
        at += k.parameters[i].size;
    }
    if (at > size) return false;
    take(from.data());
    return true;
}

Result Launch::run(Driver& d) {
    const soft_kernel& k = *function->kernel;
    d.launches++;
    if (d.faults.any()) {
        int everyKernel = d.faults.strike("kernel"), thisKernel = d.faults.strike(describe().c_str());
        if (everyKernel || thisKernel) {
            d.fail(Result(everyKernel ? everyKernel : thisKernel), describe() + ": a fault was injected");
            return SUCCESS;
        }
    }
    for (unsigned i = 0; i < k.count; i++) {
        if (!k.parameters[i].pointer) continue;
        uintptr_t p;
        memcpy(&p, pointers[i], sizeof p);
        std::string wrong = pointerProblem(d, p);
        if (wrong.empty()) continue;
        char text[64];
        snprintf(text, sizeof text, ": parameter %u, 0x%llx, ", i, static_cast<unsigned long long>(p));
        d.fail(ILLEGAL_ADDRESS, describe() + text + wrong);
        return SUCCESS;
    }
    std::string stuck, fault;
    Result result = guarded(fault, [&] { stuck = Simt::run(k, pointers.data(), geometry, d.reversed, cooperative); });
    if (result) d.fail(result, describe() + ", " + Simt::place() + ": " + fault);
    else if (!stuck.empty()) d.fail(LAUNCH_FAILED, describe() + ", " + Simt::place() + ": " + stuck);
    return SUCCESS;
}

Result Copy::run(Driver& d) {
    auto check = [&](bool device, uintptr_t p) {
        const char* wrong = device ? d.device.outside(p, bytes) : nullptr;
        if (wrong) d.fail(ILLEGAL_ADDRESS, describe() + ": " + wrong);
        return !wrong;
    };
    if (!bytes || !check(toDevice, to) || !check(fromDevice, from)) return SUCCESS;
    std::string fault;
    const void* source = staged.empty() ? reinterpret_cast<const void*>(from) : staged.data();
    Result result = guarded(fault, [&] { memcpy(reinterpret_cast<void*>(to), source, bytes); });
    if (result) d.fail(result, describe() + ": " + fault);
    return SUCCESS;
}

Result Fill::run(Driver& d) {
    if (const char* wrong = count ? d.device.outside(to, count * width) : nullptr) {
        d.fail(ILLEGAL_ADDRESS, describe() + ": " + wrong);
        return SUCCESS;
    }
    if (width == 1) memset(reinterpret_cast<void*>(to), int(pattern), count);
    else if (width == 2) std::fill_n(reinterpret_cast<uint16_t*>(to), count, uint16_t(pattern));
    else std::fill_n(reinterpret_cast<uint32_t*>(to), count, pattern);
    return SUCCESS;
}

Result Free::run(Driver& d) {
    std::string wrong;
    if (Result result = d.device.release(address, wrong)) d.fail(result, describe() + ": " + wrong);
    return SUCCESS;
}

Result Foreign::run(Driver& d) {
    std::string fault;
    complaint = SUCCESS;
    Result result = guarded(fault, [&] { body(data); });
    if (result) d.fail(result, what + ": " + fault);
    else if (complaint) d.fail(complaint, what + ": " + complaintText);
    return SUCCESS;
}

}

using namespace soft;

API int soft_enqueue(void* handle, const char* what, void (*run)(void*), void* data, void (*release)(void*)) {
    return soft_enqueue_awaited(handle, what, nullptr, run, data, release);
}

API int soft_enqueue_awaited(void* handle, const char* what, int (*ready)(void*), void (*run)(void*), void* data,
        void (*release)(void*)) {
    auto work = std::make_shared<Foreign>();
    work->what = what;
    work->isReady = ready;
    work->body = run;
    work->data = data;
    work->release = release;
    return enter("soft_enqueue", CONTEXT, [&](Driver& d) -> Result {
        auto stream = d.stream(handle);
        if (!stream) return d.refuse(INVALID_HANDLE, std::string(what) + ": its stream was destroyed, or never was one");
        return d.queue.submit(d, stream, std::move(work));
    });
}

API int soft_capturing(void* handle) {
    Driver& d = driver();
    std::lock_guard<std::recursive_mutex> hold(d.lock);
    auto stream = d.stream(handle);
    return stream && stream->capture;
}

API void soft_changed(void) {
    Driver& d = driver();
    std::lock_guard<std::recursive_mutex> hold(d.lock);
    d.changed.notify_all();
}

API const char* soft_outside(const void* p, size_t bytes) {
    Driver& d = driver();
    std::lock_guard<std::recursive_mutex> hold(d.lock);
    return d.device.outsideAtCall(reinterpret_cast<uintptr_t>(p), bytes);
}

API int soft_fault(const char* call) {
    Driver& d = driver();
    std::lock_guard<std::recursive_mutex> hold(d.lock);
    return d.faults.lost ? d.faults.lost : d.faults.strike(call);
}

API void soft_fail(int result, const char* reason) {
    complaint = Result(result);
    complaintText = reason;
}

API void soft_explain(const char* why) {
    Driver& d = driver();
    std::lock_guard<std::recursive_mutex> hold(d.lock);
    d.message = why;
}
