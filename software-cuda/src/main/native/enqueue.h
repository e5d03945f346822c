// Puts a piece of C++ on a stream.
#pragma once
#include <utility>

#include "soft.h"

namespace soft {

// Returns 0, or the driver's code. The work may run later and, in a captured graph, many times: it owns all it needs.
template <class Work>
int enqueue(void* stream, const char* what, Work work) {
    return soft_enqueue(
            stream, what, [](void* data) { (*static_cast<Work*>(data))(); }, new Work(std::move(work)),
            [](void* data) { delete static_cast<Work*>(data); });
}

} // namespace soft
