// What libcuda.so.1 offers its siblings libcublas and libcudnn, and the controls that tests use.
#pragma once
#include <cstddef>
#include <cstdint>

extern "C" {

// Runs work now, later, or at each replay of a graph, in the order of the stream.
// release(data), if given, is called once when the work will not run again, also where this call fails.
// Returns a CUresult: 0, or why the stream does not take work (400 for no stream, 719 and others after a sticky error).
int soft_enqueue(void* stream, const char* what, void (*run)(void* data), void* data, void (*release)(void* data));

// As soft_enqueue, for work that has to wait for other streams, such as a sum over ranks. When the stream comes to it,
// ready(data) is asked with the driver's lock held, again after each soft_changed, until it answers other than 0; only then
// does run(data) follow. Meanwhile calls that wait for the stream wait, without the lock, and all others return.
int soft_enqueue_awaited(void* stream, const char* what, int (*ready)(void* data), void (*run)(void* data), void* data,
        void (*release)(void* data));

// Has those who wait ask again whether their work is ready. The caller may hold no lock of its own that `ready` takes.
void soft_changed(void);

// 0, or the reason why [p, p + bytes) is not inside one live device allocation (static text).
const char* soft_outside(const void* p, size_t bytes);

// Whether work for the stream is captured now and not run.
int soft_capturing(void* stream);

// Counts towards fault injection: the code with which this call, by name, is to fail, or 0.
int soft_fault(const char* call);

// Inside running work: makes it fail, as a kernel that traps does (the error is sticky). The text is copied.
void soft_fail(int result, const char* reason);

// Says why a call was refused, for soft_message. The text is copied.
void soft_explain(const char* why);

// Counts the descriptors of cuDNN's graph API that are alive, for soft_leaks.
void soft_count_descriptors(int difference);

// Whether cuDNN is to have no engine for any graph.
int soft_graphs_refused(void);

// ---- controls
void soft_set_graphs_refused(int on);    // cuDNN has no engine for any graph of operations
void soft_set_deferred(int on);          // run work only where the host waits for it
void soft_set_reversed(int on);          // start a block's threads from the last to the first
void soft_set_idle(int on);              // accept work on the device and leave it undone
void soft_inject(const char* call, long nth, int result);
void soft_lose_device(int result);       // every call answers this from now on; 0 brings the device back
void soft_limit_memory(size_t bytes);
void soft_reset(void);                   // runs what is pending; controls back to their defaults; what lives stays
size_t soft_live_allocations(void);
size_t soft_live_bytes(void);
size_t soft_pending(void);               // work enqueued that has not run
unsigned long long soft_launches(void);  // kernels run since the process began, replayed ones as well
// Live objects, a line each; returns the length of the whole text, of which it stores at most `size` characters.
size_t soft_leaks(char* text, size_t size);
// What went wrong last, in words, or the empty string.
size_t soft_message(char* text, size_t size);
}
