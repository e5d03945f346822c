#include "fiber.h"
#include <cstdio>
#include <cstdlib>
#include <sys/mman.h>

namespace soft {

void Fiber::map() {
    if (stack) return;
    void* p = mmap(nullptr, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED) {
        fprintf(stderr, "[software CUDA] no memory for the stack of a CUDA thread\n");
        abort();
    }
    stack = static_cast<char*>(p);
    static size_t count = 0;
    // A process may have some 65,000 mappings. Each guard page makes one more of a stack, which is one with its neighbours otherwise; what
    // needs too much of a stack is found on one of the first.
    constexpr size_t GUARDED = 1024;
    if (count < GUARDED) mprotect(p, 4096, PROT_NONE);
    colour = count++ % COLOURS * COLOUR;
}

Fiber::~Fiber() {
    if (stack) munmap(stack, STACK);
}

}

#if defined(__x86_64__)

// Saves what a call preserves and the stack pointer. Nothing in here touches the floating-point modes.
// It jumps instead of returning: where to is guessed well by the last jump, and badly by the last call.
extern "C" void soft_switch(void** from, void* to);
asm(R"(
.text
.globl soft_switch
.hidden soft_switch
.type soft_switch, @function
soft_switch:
    pushq %rbp
    pushq %rbx
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq %rsp, (%rdi)
    movq %rsi, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbx
    popq %rbp
    popq %rcx
    jmp *%rcx
.size soft_switch, .-soft_switch
)");

namespace soft {

void Fiber::prepare(void (*body)()) {
    map();
    void** top = reinterpret_cast<void**>(stack + STACK - 16 - colour);
    *--top = nullptr;  // the address body would return to; keeps the stack aligned as after a call
    *--top = reinterpret_cast<void*>(body);
    for (int i = 0; i < 6; i++) *--top = nullptr;
    pointer = top;
}

void Fiber::change(Fiber& from, Fiber& to) {
    soft_switch(&from.pointer, to.pointer);
}

}

#else

namespace soft {

void Fiber::prepare(void (*body)()) {
    map();
    getcontext(&context);
    context.uc_stack.ss_sp = stack;
    context.uc_stack.ss_size = STACK - colour;
    context.uc_link = nullptr;
    makecontext(&context, body, 0);
}

void Fiber::change(Fiber& from, Fiber& to) {
    swapcontext(&from.context, &to.context);
}

}

#endif
