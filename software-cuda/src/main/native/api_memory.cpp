// Memory: allocating, copying, filling.
#include "work.h"

using namespace soft;

namespace {

uintptr_t address(const void* p) {
    return reinterpret_cast<uintptr_t>(p);
}

Result allocate(Driver& d, const char* call, uintptr_t* to, size_t bytes) {
    if (!to || !bytes) return d.refuse(INVALID_VALUE, std::string(call) + ": no bytes, or nowhere to put the address");
    Result result = d.device.allocate(bytes, call, to);
    return result ? d.refuse(result, std::string(call) + ": " + std::to_string(bytes) + " bytes do not fit") : SUCCESS;
}

enum class Side { HOST, DEVICE, EITHER };

struct Range {
    const char* name;
    uintptr_t p;
    Side side;
};

// Whether the range is on its side, and inside one live allocation if it is on the device.
Result check(Driver& d, const char* call, Range& r, size_t bytes) {
    if (r.side == Side::EITHER) r.side = d.device.owns(r.p) ? Side::DEVICE : Side::HOST;
    std::string who = std::string(call) + ": the " + r.name;
    if (r.side == Side::DEVICE) {
        const char* wrong = d.device.outsideAtCall(r.p, bytes);
        return wrong ? d.refuse(INVALID_VALUE, who + ": " + wrong) : SUCCESS;
    }
    if (!r.p) return d.refuse(INVALID_VALUE, who + " is null");
    return d.device.owns(r.p) ? d.refuse(INVALID_VALUE, who + " is a device address, and not host memory") : SUCCESS;
}

// Puts a checked copy into a stream. Host memory that is not pinned is read at once, and written before this returns.
Result copy(Driver& d, const char* call, const void* streamHandle, bool synchronous, Range to, Range from, size_t bytes) {
    auto stream = d.stream(streamHandle);
    if (!stream) return d.refuse(INVALID_HANDLE, std::string(call) + ": its stream was destroyed, or never was one");
    if (!bytes) return SUCCESS;
    if (Result wrong = check(d, call, to, bytes)) return wrong;
    if (Result wrong = check(d, call, from, bytes)) return wrong;
    if (to.p < from.p + bytes && from.p < to.p + bytes)
        return d.refuse(INVALID_VALUE, std::string(call) + ": source and destination overlap");

    bool host = to.side == Side::HOST || from.side == Side::HOST;
    bool pageableTo = to.side == Side::HOST && !d.host.pinned(to.p, bytes);
    bool pageableFrom = from.side == Side::HOST && !d.host.pinned(from.p, bytes);
    if (stream->capture && (pageableTo || pageableFrom)) {
        stream->capture->invalidated = true;
        return d.refuse(STREAM_CAPTURE_UNSUPPORTED,
            std::string(call) + ": a captured copy reads or writes host memory at each replay; it has to be pinned");
    }
    auto work = std::make_shared<Copy>();
    work->to = to.p;
    work->from = from.p;
    work->bytes = bytes;
    work->toDevice = to.side == Side::DEVICE;
    work->fromDevice = from.side == Side::DEVICE;
    bool wait = (synchronous && host) || pageableTo;
    if (pageableFrom && !wait) {
        const char* source = reinterpret_cast<const char*>(from.p);
        work->staged.assign(source, source + bytes);
    }
    if (Result result = d.queue.submit(d, stream, work)) return result;
    if (!wait) return SUCCESS;
    d.queue.drain(d, *stream, Queue::WAIT);
    return d.context.sticky;
}

int fill(const char* call, unsigned needs, uintptr_t to, uint32_t pattern, unsigned width, size_t count, void* handle) {
    return enter(call, needs, [&](Driver& d) -> Result {
        auto stream = d.stream(handle);
        if (!stream) return d.refuse(INVALID_HANDLE, std::string(call) + ": its stream was destroyed, or never was one");
        if (!count) return SUCCESS;
        if (to % width) return d.refuse(INVALID_VALUE, std::string(call) + ": the address is not aligned to the pattern");
        if (const char* wrong = d.device.outsideAtCall(to, count * width))
            return d.refuse(INVALID_VALUE, std::string(call) + ": " + wrong);
        auto work = std::make_shared<Fill>();
        work->to = to;
        work->pattern = pattern;
        work->width = width;
        work->count = count;
        return d.queue.submit(d, stream, work);
    });
}

Range device(const char* name, uintptr_t p) { return {name, p, Side::DEVICE}; }
Range host(const char* name, const void* p) { return {name, address(p), Side::HOST}; }
Range either(const char* name, uintptr_t p) { return {name, p, Side::EITHER}; }

constexpr unsigned SYNC = CONTEXT | UNSAFE;

}

// ---- device memory

API int cuMemAlloc_v2(uintptr_t* to, size_t bytes) {
    return enter("cuMemAlloc_v2", SYNC, [&](Driver& d) { return allocate(d, "cuMemAlloc_v2", to, bytes); });
}

API int cuMemFree_v2(uintptr_t p) {
    return enter("cuMemFree_v2", SYNC, [&](Driver& d) -> Result {
        Allocation* a = d.device.startingAt(p);
        if (a && a->freeing) return d.refuse(INVALID_VALUE, "cuMemFree_v2: cuMemFreeAsync freed it already");
        std::string wrong;
        Result result = d.device.release(p, wrong);
        if (result == ILLEGAL_ADDRESS) d.fail(result, "cuMemFree_v2: " + wrong);
        return result ? d.refuse(result, "cuMemFree_v2: " + wrong) : SUCCESS;
    });
}

API int cuMemAllocAsync(uintptr_t* to, size_t bytes, void* handle) {
    return enter("cuMemAllocAsync", CONTEXT, [&](Driver& d) -> Result {
        auto stream = d.stream(handle);
        if (!stream) return INVALID_HANDLE;
        if (stream->capture) {
            stream->capture->invalidated = true;
            return d.refuse(STREAM_CAPTURE_UNSUPPORTED, "cuMemAllocAsync: allocations of graphs are not supported here");
        }
        return allocate(d, "cuMemAllocAsync", to, bytes);
    });
}

API int cuMemFreeAsync(uintptr_t p, void* handle) {
    return enter("cuMemFreeAsync", CONTEXT, [&](Driver& d) -> Result {
        auto stream = d.stream(handle);
        if (!stream) return INVALID_HANDLE;
        if (stream->capture) {
            stream->capture->invalidated = true;
            return d.refuse(STREAM_CAPTURE_UNSUPPORTED, "cuMemFreeAsync: frees in graphs are not supported here");
        }
        Allocation* a = d.device.startingAt(p);
        if (!a || a->freeing) return d.refuse(INVALID_VALUE, "cuMemFreeAsync: no live allocation begins there");
        auto work = std::make_shared<Free>();
        work->address = p;
        Result result = d.queue.submit(d, stream, work);
        if (Allocation* still = d.device.startingAt(p)) still->freeing = result == SUCCESS;
        return result;
    });
}

API int cuMemGetInfo_v2(size_t* free, size_t* total) {
    return enter("cuMemGetInfo_v2", CONTEXT, [&](Driver& d) -> Result {
        size_t limit = d.device.limit, used = d.device.used();
        if (free) *free = limit > used ? limit - used : 0;
        if (total) *total = limit;
        return SUCCESS;
    });
}

API int cuMemGetAddressRange_v2(uintptr_t* base, size_t* bytes, uintptr_t p) {
    return enter("cuMemGetAddressRange_v2", CONTEXT, [&](Driver& d) -> Result {
        const Allocation* a = d.device.owns(p) ? d.device.find(p) : nullptr;
        if (!a || p == a->end()) return NOT_FOUND;
        if (base) *base = a->address;
        if (bytes) *bytes = a->bytes;
        return SUCCESS;
    });
}

// ---- pinned host memory

API int cuMemHostAlloc(void** to, size_t bytes, unsigned) {
    return enter("cuMemHostAlloc", SYNC, [&](Driver& d) -> Result {
        return to && bytes ? d.host.allocate(bytes, to) : INVALID_VALUE;
    });
}

API int cuMemAllocHost_v2(void** to, size_t bytes) {
    return enter("cuMemAllocHost_v2", SYNC, [&](Driver& d) -> Result {
        return to && bytes ? d.host.allocate(bytes, to) : INVALID_VALUE;
    });
}

API int cuMemFreeHost(void* p) {
    return enter("cuMemFreeHost", SYNC, [&](Driver& d) -> Result {
        Result result = d.host.release(p);
        return result ? d.refuse(result, "cuMemFreeHost: no pinned allocation begins there (freed before?)") : SUCCESS;
    });
}

API int cuMemHostRegister_v2(void* p, size_t bytes, unsigned) {
    return enter("cuMemHostRegister_v2", SYNC, [&](Driver& d) { return d.host.add(p, bytes); });
}

API int cuMemHostUnregister(void* p) {
    return enter("cuMemHostUnregister", SYNC, [&](Driver& d) { return d.host.remove(p); });
}

API int cuMemHostGetDevicePointer_v2(uintptr_t* to, void* p, unsigned) {
    return enter("cuMemHostGetDevicePointer_v2", CONTEXT, [&](Driver& d) -> Result {
        if (!to || !d.host.pinned(address(p), 1)) return d.refuse(INVALID_VALUE, "cuMemHostGetDevicePointer_v2: not pinned");
        *to = address(p);
        return SUCCESS;
    });
}

// ---- copies. Those that wait are in the legacy stream.

API int cuMemcpyHtoD_v2(uintptr_t to, const void* from, size_t bytes) {
    return enter("cuMemcpyHtoD_v2", SYNC, [&](Driver& d) {
        return copy(d, "cuMemcpyHtoD_v2", nullptr, true, device("destination", to), host("source", from), bytes);
    });
}

API int cuMemcpyDtoH_v2(void* to, uintptr_t from, size_t bytes) {
    return enter("cuMemcpyDtoH_v2", SYNC, [&](Driver& d) {
        return copy(d, "cuMemcpyDtoH_v2", nullptr, true, host("destination", to), device("source", from), bytes);
    });
}

API int cuMemcpyDtoD_v2(uintptr_t to, uintptr_t from, size_t bytes) {
    return enter("cuMemcpyDtoD_v2", SYNC, [&](Driver& d) {
        return copy(d, "cuMemcpyDtoD_v2", nullptr, true, device("destination", to), device("source", from), bytes);
    });
}

API int cuMemcpy(uintptr_t to, uintptr_t from, size_t bytes) {
    return enter("cuMemcpy", SYNC, [&](Driver& d) {
        return copy(d, "cuMemcpy", nullptr, true, either("destination", to), either("source", from), bytes);
    });
}

API int cuMemcpyHtoDAsync_v2(uintptr_t to, const void* from, size_t bytes, void* stream) {
    return enter("cuMemcpyHtoDAsync_v2", CONTEXT, [&](Driver& d) {
        return copy(d, "cuMemcpyHtoDAsync_v2", stream, false, device("destination", to), host("source", from), bytes);
    });
}

API int cuMemcpyDtoHAsync_v2(void* to, uintptr_t from, size_t bytes, void* stream) {
    return enter("cuMemcpyDtoHAsync_v2", CONTEXT, [&](Driver& d) {
        return copy(d, "cuMemcpyDtoHAsync_v2", stream, false, host("destination", to), device("source", from), bytes);
    });
}

API int cuMemcpyDtoDAsync_v2(uintptr_t to, uintptr_t from, size_t bytes, void* stream) {
    return enter("cuMemcpyDtoDAsync_v2", CONTEXT, [&](Driver& d) {
        return copy(d, "cuMemcpyDtoDAsync_v2", stream, false, device("destination", to), device("source", from), bytes);
    });
}

API int cuMemcpyAsync(uintptr_t to, uintptr_t from, size_t bytes, void* stream) {
    return enter("cuMemcpyAsync", CONTEXT, [&](Driver& d) {
        return copy(d, "cuMemcpyAsync", stream, false, either("destination", to), either("source", from), bytes);
    });
}

// ---- fills. Those without a stream are in the legacy stream, and do not wait either.

API int cuMemsetD8_v2(uintptr_t to, unsigned char value, size_t n) {
    return fill("cuMemsetD8_v2", SYNC, to, value, 1, n, nullptr);
}

API int cuMemsetD16_v2(uintptr_t to, unsigned short value, size_t n) {
    return fill("cuMemsetD16_v2", SYNC, to, value, 2, n, nullptr);
}

API int cuMemsetD32_v2(uintptr_t to, unsigned value, size_t n) {
    return fill("cuMemsetD32_v2", SYNC, to, value, 4, n, nullptr);
}

API int cuMemsetD8Async(uintptr_t to, unsigned char value, size_t n, void* stream) {
    return fill("cuMemsetD8Async", CONTEXT, to, value, 1, n, stream);
}

API int cuMemsetD16Async(uintptr_t to, unsigned short value, size_t n, void* stream) {
    return fill("cuMemsetD16Async", CONTEXT, to, value, 2, n, stream);
}

API int cuMemsetD32Async(uintptr_t to, unsigned value, size_t n, void* stream) {
    return fill("cuMemsetD32Async", CONTEXT, to, value, 4, n, stream);
}
