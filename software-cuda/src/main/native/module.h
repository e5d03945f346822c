// Modules: the entries of a PTX text, each with the kernel of the same name that was compiled for the host.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>
#include "result.h"
#include "simt.h"
#include "soft_kernel.h"

namespace soft {

// An entry as the PTX declares it.
struct Entry {
    std::vector<unsigned> parameters;  // bytes of each
    unsigned maxThreads = 1024;
    unsigned sharedBytes = 0;
};

struct Function {
    const soft_kernel* kernel;
    Entry entry;
    unsigned dynamicLimit;  // bytes of dynamic shared memory that a launch may ask for
    void* module;
};

struct Module {
    std::map<std::string, Entry> entries;
    std::map<std::string, void*> functions;  // handles given out
};

// Reads a PTX text, checked as far as the driver's JIT compiler would refuse it.
Result readPtx(const char* text, std::map<std::string, Entry>& entries, std::string& problem);

// The kernel compiled for the host, or null. The first call loads the library of kernels beside this one.
const soft_kernel* hostKernel(const std::string& name, std::string& problem);

}
