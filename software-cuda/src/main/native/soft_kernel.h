// How a kernel compiled for the host makes itself known to libcuda.
#pragma once
#include <cstddef>

struct soft_parameter {
    unsigned size;
    unsigned alignment;
    bool pointer;
};

struct soft_kernel {
    const char* name;
    void (*run)(void** arguments);  // one CUDA thread
    unsigned count;
    const soft_parameter* parameters;
    char* shared;  // the static shared memory of the kernel's source file
    char* shared_end;
};

extern "C" void soft_register(const soft_kernel* kernel);
