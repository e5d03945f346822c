// Device memory on the host: NaN-filled, with an inaccessible page behind each allocation; host memory that is pinned.
#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include "result.h"

namespace soft {

struct Allocation {
    uintptr_t address;
    size_t bytes;
    uintptr_t pages;  // first page
    size_t length;    // of the accessible pages
    uint64_t number;  // counted from 1 since the process began
    std::string call;
    bool freeing;     // by cuMemFreeAsync, which has not run

    uintptr_t end() const { return address + bytes; }
};

class DeviceMemory {
public:
    size_t limit = DEFAULT_LIMIT;
    bool fills = true;  // new memory begins as NaN; else as zeros, which take no memory of the host until they are touched
    static constexpr size_t DEFAULT_LIMIT = size_t(8) << 30;

    Result allocate(size_t bytes, const char* call, uintptr_t* address);
    // Frees what begins at the address; a write behind its end is found here. Its pages are not used again for long.
    Result release(uintptr_t address, std::string& problem);
    void releaseAll();

    // The live allocation in which p is, or at whose end; null if there is none.
    Allocation* find(uintptr_t p);
    Allocation* startingAt(uintptr_t address);
    // Null, or why [p, p + bytes) is not inside one live allocation: at a call, to which an allocation that waits to be
    // freed is gone, or when work runs, to which it is there until then.
    const char* outsideAtCall(uintptr_t p, size_t bytes);
    const char* outside(uintptr_t p, size_t bytes);
    bool owns(uintptr_t p) const { return p - base < reserved; }
    size_t used() const { return total; }
    const std::map<uintptr_t, Allocation>& all() const { return live; }

private:
    bool reserve();
    uintptr_t place(size_t length);

    std::map<uintptr_t, Allocation> live;
    uintptr_t base = 0;
    size_t reserved = 0;
    uintptr_t next = 0;
    size_t total = 0;
    uint64_t counter = 0;
};

struct HostRange {
    size_t bytes;
    bool registered;  // memory of somebody else, pinned by cuMemHostRegister
    uint64_t number;
};

class HostMemory {
public:
    Result allocate(size_t bytes, void** p);
    Result release(void* p);
    Result add(void* p, size_t bytes);
    Result remove(void* p);
    void releaseAll();
    // Whether [p, p + bytes) is in one pinned range.
    bool pinned(uintptr_t p, size_t bytes) const;
    const std::map<uintptr_t, HostRange>& all() const { return ranges; }

private:
    bool overlaps(uintptr_t p, size_t bytes) const;
    std::map<uintptr_t, HostRange> ranges;
    uint64_t counter = 0;
};

}
