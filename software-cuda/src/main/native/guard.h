// Turns a fault inside device work into a result, as a GPU does, instead of the end of the JVM.
#pragma once
#include <string>
#include "result.h"

namespace soft {

// Runs body(data); after a fault, problem says which it was.
// A fault: SIGSEGV or SIGBUS give ILLEGAL_ADDRESS, SIGILL (how the checks of g++ -fsanitize trap) MISALIGNED_ADDRESS,
// SIGFPE LAUNCH_FAILED. All other faults of the process go to the handlers that were there before.
Result guarded(void (*body)(void*), void* data, std::string& problem);

template <class F>
Result guarded(std::string& problem, F&& body) {
    return guarded([](void* f) { (*static_cast<F*>(f))(); }, &body, problem);
}

}
