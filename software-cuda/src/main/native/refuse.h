// Why a call was refused, for people: NVIDIA's status codes alone do not say which argument was wrong.
// soft_message has the last reason; with SOFTCUDA_LOG=1 in the environment each is a line on the standard error.
#pragma once
#include <cstdarg>
#include <cstdio>
#include <cstdlib>

#include "soft.h"

namespace soft {

inline thread_local char last_refusal[512];

__attribute__((format(printf, 3, 4))) inline int refuse(int status, const char* call, const char* format, ...) {
    int used = std::snprintf(last_refusal, sizeof last_refusal, "%s: ", call);
    va_list arguments;
    va_start(arguments, format);
    std::vsnprintf(last_refusal + used, sizeof last_refusal - used, format, arguments);
    va_end(arguments);
    soft_explain(last_refusal);
    const char* log = std::getenv("SOFTCUDA_LOG");
    if (log != nullptr && log[0] == '1') std::fprintf(stderr, "[software CUDA] %s (status %d)\n", last_refusal, status);
    return status;
}

} // namespace soft
