// What streams run: kernels, copies, fills, frees, and work of the sibling libraries.
#pragma once
#include <string>
#include <vector>
#include "driver.h"

namespace soft {

struct Launch : Work {
    std::shared_ptr<Function> function;
    Geometry geometry;
    bool cooperative = false;
    std::vector<char> arguments;   // as they were at the call
    std::vector<void*> pointers;   // to each of them

    // Copies the arguments from an array of pointers, or from a buffer laid out as the kernel's parameters are.
    void take(void** pointers);
    bool takeBuffer(const char* buffer, size_t size);
    Result run(Driver& driver) override;
    std::string describe() const override { return std::string("kernel ") + function->kernel->name; }
    int nodeType() const override { return 0; }
    bool isIdle() const override { return true; }
};

struct Copy : Work {
    uintptr_t to = 0, from = 0;
    size_t bytes = 0;
    bool toDevice = false, fromDevice = false;
    std::vector<char> staged;  // the source, where it was pageable memory

    Result run(Driver& driver) override;
    std::string describe() const override { return "a copy of " + std::to_string(bytes) + " bytes"; }
    int nodeType() const override { return 1; }
    bool isIdle() const override { return toDevice && fromDevice; }
};

struct Fill : Work {
    uintptr_t to = 0;
    size_t count = 0;
    unsigned width = 1;  // bytes of the pattern
    uint32_t pattern = 0;

    Result run(Driver& driver) override;
    std::string describe() const override { return "a memset of " + std::to_string(count * width) + " bytes"; }
    int nodeType() const override { return 2; }
    bool isIdle() const override { return true; }
};

struct Free : Work {
    uintptr_t address = 0;

    Result run(Driver& driver) override;
    std::string describe() const override { return "cuMemFreeAsync"; }
    int nodeType() const override { return 11; }
};

struct Foreign : Work {
    std::string what;
    int (*isReady)(void*) = nullptr;  // null where it always is
    void (*body)(void*) = nullptr;
    void* data = nullptr;
    void (*release)(void*) = nullptr;

    ~Foreign() override {
        if (release) release(data);
    }
    bool ready(Driver&) override { return !isReady || isReady(data); }
    Result run(Driver& driver) override;
    std::string describe() const override { return what; }
    int nodeType() const override { return 3; }
    bool isIdle() const override { return true; }
};

}
