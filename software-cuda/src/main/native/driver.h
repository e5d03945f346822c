// The state of the driver, and what every call does before its own business.
#pragma once
#include <condition_variable>
#include <cstring>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include "capture.h"
#include "faults.h"
#include "memory.h"
#include "module.h"
#include "queue.h"
#include "result.h"

#define API extern "C" __attribute__((visibility("default")))

namespace soft {

struct Context {
    unsigned users = 0;  // of the primary context
    Result sticky = SUCCESS;

    bool alive() const { return users > 0; }
};

struct Driver {
    std::recursive_mutex lock;
    std::condition_variable_any changed;
    bool initialised = false;
    Context context;
    DeviceMemory device;
    HostMemory host;
    Queue queue;
    Faults faults;
    std::shared_ptr<Stream> legacy;
    Handles<Stream> streams;
    Handles<Event> events;
    Handles<Module> modules;
    Handles<Function> functions;
    Handles<Graph> graphs;
    Handles<Executable> executables;
    std::vector<std::weak_ptr<Capture>> captures;
    unsigned long long launches = 0;
    bool reversed = false;
    bool idle = false;  // kernels, products and what only moves data on the device are accepted and not done
    bool graphsRefused = false;  // cuDNN has no engine for any graph of operations
    long descriptors = 0;        // of cuDNN's graph API that are alive
    std::string message;

    Driver();
    // Says why a call fails, for soft_message.
    Result refuse(Result result, const std::string& why);
    // The device cannot go on: every later call gives the same result.
    void fail(Result result, const std::string& why);
    std::shared_ptr<Stream> stream(const void* handle);
    // Modes and limits as the environment asks for them, and no faults.
    void defaults();
    void setIdle(bool on);
    // Those of an H100 where work is only counted. Else half of them: threads run one after the other, so a grid that is large enough for each
    // to do one step goes through memory in order, and few multiprocessors make for long strides.
    unsigned multiprocessors() const { return idle ? 132 : 64; }
    // Gives up the lock, which this thread holds once, until something may have become ready.
    void awaitChange();
    // Destroys what lives in the context.
    void clear();
    // Whether a call that could wait or allocate is forbidden to this thread by a capture, which it then invalidates.
    bool captureForbids();
};

Driver& driver();

// What a call needs before it may do anything.
enum Need : unsigned {
    NOTHING = 0,
    INITIALISED = 1,
    CONTEXT = 2,
    UNSAFE = 4,  // waits or allocates: forbidden while capturing
};

// SUCCESS, or why the call named may not go on.
Result admit(Driver& driver, const char* call, unsigned needs);

// The one way into the driver: takes its lock, checks what the call needs, and runs its body.
template <class F>
int enter(const char* call, unsigned needs, F&& body) {
    Driver& d = driver();
    std::lock_guard<std::recursive_mutex> hold(d.lock);
    Result admitted = admit(d, call, needs);
    return admitted ? admitted : body(d);
}

// The calling thread's current context.
bool contextIsCurrent();
void makeContextCurrent(bool current);

}
