#include "guard.h"
#include <csetjmp>
#include <csignal>
#include <cstdio>
#include <pthread.h>

namespace soft {
namespace {

const int SIGNALS[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE};
struct sigaction before[NSIG];

// One thread runs device work at a time. No thread-local variables: a handler may not be the first to touch one.
volatile bool running = false;
pthread_t runner;
sigjmp_buf* escape;
volatile int faultSignal;
void* volatile faultAddress;

void passOn(int signal, siginfo_t* info, void* context) {
    const struct sigaction& old = before[signal];
    if (old.sa_flags & SA_SIGINFO)
        old.sa_sigaction(signal, info, context);
    else if (old.sa_handler == SIG_DFL || old.sa_handler == SIG_IGN)
        sigaction(signal, &old, nullptr);  // and the instruction faults again
    else
        old.sa_handler(signal);
}

void handle(int signal, siginfo_t* info, void* context) {
    if (!running || !pthread_equal(pthread_self(), runner)) {
        passOn(signal, info, context);
        return;
    }
    faultSignal = signal;
    faultAddress = info->si_addr;
    pthread_sigmask(SIG_SETMASK, &static_cast<ucontext_t*>(context)->uc_sigmask, nullptr);
    siglongjmp(*escape, 1);
}

bool install() {
    for (int signal : SIGNALS) {
        struct sigaction action = {};
        action.sa_sigaction = handle;
        action.sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK;
        sigfillset(&action.sa_mask);
        sigaction(signal, &action, &before[signal]);
    }
    return true;
}

Result explain(std::string& problem) {
    char text[160];
    switch (faultSignal) {
        case SIGFPE:
            problem = "an integer division by zero";
            return LAUNCH_FAILED;
        case SIGILL:
            problem = "an access that is not aligned to its type, an index outside an array of fixed size, or a trap";
            return MISALIGNED_ADDRESS;
        default:
            snprintf(text, sizeof text, "an access to %p, where nothing is", faultAddress);
            problem = text;
            return ILLEGAL_ADDRESS;
    }
}

}

Result guarded(void (*body)(void*), void* data, std::string& problem) {
    static bool installed = install();
    (void)installed;
    sigjmp_buf here;
    sigjmp_buf* outer = escape;
    bool outerRunning = running;
    if (sigsetjmp(here, 0)) {
        escape = outer;
        running = outerRunning;
        return explain(problem);
    }
    escape = &here;
    runner = pthread_self();
    running = true;
    body(data);
    escape = outer;
    running = outerRunning;
    return SUCCESS;
}

}
