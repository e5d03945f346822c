// A stack of its own to run on, and the switch between stacks.
#pragma once
#include <cstddef>
#if !defined(__x86_64__)
#include <ucontext.h>
#endif

namespace soft {

class Fiber {
public:
    Fiber() = default;
    ~Fiber();
    Fiber(const Fiber&) = delete;
    Fiber& operator=(const Fiber&) = delete;

    // Will run body, which never returns, at the next switch to it. Whatever the fiber was doing is forgotten.
    void prepare(void (*body)());

    // Leaves the stack that runs now, to be gone on with by a later switch to `from`.
    static void change(Fiber& from, Fiber& to);

private:
    static constexpr size_t STACK = 128 * 1024;
    // Stacks begin at different offsets in their pages: else their tops would share a few lines of the cache.
    static constexpr size_t COLOUR = 320, COLOURS = 51;
    void map();
    char* stack = nullptr;
    size_t colour = 0;
#if defined(__x86_64__)
    void* pointer = nullptr;
#else
    ucontext_t context;
#endif
};

}
