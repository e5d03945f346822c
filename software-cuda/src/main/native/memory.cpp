#include "memory.h"
#include <cstring>
#include <sys/mman.h>

namespace soft {
namespace {

constexpr size_t PAGE = 4096;
constexpr size_t ALIGNMENT = 256;  // of cuMemAlloc
constexpr unsigned char FRESH = 0xff;   // NaN in every floating-point type
constexpr unsigned char MARGIN = 0xa5;  // in the bytes of the pages that belong to nobody

size_t roundUp(size_t n, size_t unit) {
    return (n + unit - 1) / unit * unit;
}

bool untouched(const unsigned char* from, const unsigned char* to) {
    for (; from != to; from++)
        if (*from != MARGIN) return false;
    return true;
}

}

// Address space is taken once, so that no address of a freed allocation comes back while there is room.
bool DeviceMemory::reserve() {
    if (base) return true;
    for (size_t size = size_t(16) << 40; size >= size_t(1) << 36; size /= 2) {
        void* p = mmap(nullptr, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (p == MAP_FAILED) continue;
        base = next = reinterpret_cast<uintptr_t>(p);
        reserved = size;
        return true;
    }
    return false;
}

// Room for the pages and an inaccessible one on each side; 0 if there is none.
uintptr_t DeviceMemory::place(size_t length) {
    for (int round = 0; round < 2; round++) {
        while (next + length + 2 * PAGE <= base + reserved) {
            uintptr_t at = next + PAGE;
            auto after = live.lower_bound(at);
            if (after != live.begin() && std::prev(after)->second.pages + std::prev(after)->second.length + PAGE > at) {
                const Allocation& before = std::prev(after)->second;
                next = before.pages + before.length;
            } else if (after != live.end() && after->second.pages < at + length + PAGE) {
                next = after->second.pages + after->second.length;
            } else {
                next = at + length;
                return at;
            }
        }
        next = base;
    }
    return 0;
}

Result DeviceMemory::allocate(size_t bytes, const char* call, uintptr_t* address) {
    if (bytes > limit || total + bytes > limit || !reserve()) return OUT_OF_MEMORY;
    size_t length = roundUp(bytes, PAGE);
    uintptr_t pages = place(length);
    if (!pages) return OUT_OF_MEMORY;
    void* mapped = mmap(reinterpret_cast<void*>(pages), length, PROT_READ | PROT_WRITE,
        MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0);
    if (mapped == MAP_FAILED) return OUT_OF_MEMORY;
    uintptr_t start = pages + length - roundUp(bytes, ALIGNMENT);
    memset(mapped, MARGIN, start - pages);
    if (fills) memset(reinterpret_cast<void*>(start), FRESH, bytes);
    memset(reinterpret_cast<void*>(start + bytes), MARGIN, pages + length - start - bytes);
    live[start] = {start, bytes, pages, length, ++counter, call, false};
    total += bytes;
    *address = start;
    return SUCCESS;
}

Result DeviceMemory::release(uintptr_t address, std::string& problem) {
    auto i = live.find(address);
    if (i == live.end()) {
        problem = find(address) ? "the address is inside an allocation, not its beginning"
                                : "no live allocation begins there (freed before?)";
        return INVALID_VALUE;
    }
    Allocation a = i->second;
    auto bytes = [](uintptr_t p) { return reinterpret_cast<const unsigned char*>(p); };
    bool whole = untouched(bytes(a.pages), bytes(a.address)) && untouched(bytes(a.end()), bytes(a.pages + a.length));
    mmap(reinterpret_cast<void*>(a.pages), a.length, PROT_NONE,
        MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0);
    total -= a.bytes;
    live.erase(i);
    if (whole) return SUCCESS;
    problem = "something wrote right before or behind the allocation of " + std::to_string(a.bytes) + " bytes";
    return ILLEGAL_ADDRESS;
}

void DeviceMemory::releaseAll() {
    std::string ignored;
    while (!live.empty()) release(live.begin()->first, ignored);
}

Allocation* DeviceMemory::find(uintptr_t p) {
    auto i = live.upper_bound(p);
    if (i == live.begin()) return nullptr;
    Allocation& a = std::prev(i)->second;
    return p <= a.end() ? &a : nullptr;
}

Allocation* DeviceMemory::startingAt(uintptr_t address) {
    auto i = live.find(address);
    return i == live.end() ? nullptr : &i->second;
}

const char* DeviceMemory::outside(uintptr_t p, size_t bytes) {
    if (!owns(p)) return "it is no device address";
    const Allocation* a = find(p);
    if (!a) return "no live allocation is there (freed before?)";
    return bytes <= a->end() - p ? nullptr : "it reaches behind the end of its allocation";
}

const char* DeviceMemory::outsideAtCall(uintptr_t p, size_t bytes) {
    const Allocation* a = owns(p) ? find(p) : nullptr;
    return a && a->freeing ? "the allocation was freed by cuMemFreeAsync" : outside(p, bytes);
}

Result HostMemory::allocate(size_t bytes, void** p) {
    void* mapped = mmap(nullptr, roundUp(bytes, PAGE) + PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapped == MAP_FAILED) return OUT_OF_MEMORY;
    mprotect(static_cast<char*>(mapped) + roundUp(bytes, PAGE), PAGE, PROT_NONE);
    memset(mapped, FRESH, bytes);
    ranges[reinterpret_cast<uintptr_t>(mapped)] = {bytes, false, ++counter};
    *p = mapped;
    return SUCCESS;
}

Result HostMemory::release(void* p) {
    auto i = ranges.find(reinterpret_cast<uintptr_t>(p));
    if (i == ranges.end() || i->second.registered) return INVALID_VALUE;
    munmap(p, roundUp(i->second.bytes, PAGE) + PAGE);
    ranges.erase(i);
    return SUCCESS;
}

Result HostMemory::add(void* p, size_t bytes) {
    uintptr_t at = reinterpret_cast<uintptr_t>(p);
    if (!at || !bytes) return INVALID_VALUE;
    if (overlaps(at, bytes)) return HOST_MEMORY_ALREADY_REGISTERED;
    ranges[at] = {bytes, true, ++counter};
    return SUCCESS;
}

Result HostMemory::remove(void* p) {
    auto i = ranges.find(reinterpret_cast<uintptr_t>(p));
    if (i == ranges.end() || !i->second.registered) return HOST_MEMORY_NOT_REGISTERED;
    ranges.erase(i);
    return SUCCESS;
}

void HostMemory::releaseAll() {
    while (!ranges.empty()) {
        void* p = reinterpret_cast<void*>(ranges.begin()->first);
        if (ranges.begin()->second.registered) remove(p);
        else release(p);
    }
}

bool HostMemory::pinned(uintptr_t p, size_t bytes) const {
    auto i = ranges.upper_bound(p);
    if (i == ranges.begin()) return false;
    --i;
    return p - i->first <= i->second.bytes && bytes <= i->second.bytes - (p - i->first);
}

bool HostMemory::overlaps(uintptr_t p, size_t bytes) const {
    auto i = ranges.lower_bound(p + bytes);
    return i != ranges.begin() && std::prev(i)->first + std::prev(i)->second.bytes > p;
}

}
