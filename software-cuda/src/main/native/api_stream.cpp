// Streams, events, and the capture of streams.
#include "work.h"

using namespace soft;

namespace {

// Runs body with the stream of the handle.
template <class F>
int onStream(const char* call, unsigned needs, const void* handle, F&& body) {
    return enter(call, needs, [&](Driver& d) -> Result {
        auto stream = d.stream(handle);
        if (!stream) return d.refuse(INVALID_HANDLE, std::string(call) + ": the stream was destroyed, or never was one");
        return body(d, stream);
    });
}

template <class F>
int onEvent(const char* call, unsigned needs, const void* handle, F&& body) {
    return enter(call, needs, [&](Driver& d) -> Result {
        auto event = d.events.find(handle);
        if (!event) return d.refuse(INVALID_HANDLE, std::string(call) + ": the event was destroyed, or never was one");
        return body(d, *event);
    });
}

// A call that waits for a stream breaks the stream's own capture, whatever its mode.
Result notCapturing(Driver& d, const char* call, Stream& stream) {
    if (!stream.capture) return SUCCESS;
    stream.capture->invalidated = true;
    return d.refuse(STREAM_CAPTURE_UNSUPPORTED, std::string(call) + ": the stream captures");
}

Result notCaptured(Driver& d, const char* call, Event& event) {
    if (!event.capture) return SUCCESS;
    event.capture->invalidated = true;
    return d.refuse(CAPTURED_EVENT, std::string(call) + ": the event was last recorded in a capture");
}

// Asking makes time pass: what was pending runs, so that asking again gets another answer.
Result query(Driver& d, Stream& stream, uint64_t upTo, bool pending) {
    if (!pending) return d.context.sticky;
    d.queue.drain(d, stream, Queue::RETURN, upTo);
    return NOT_READY;
}

Result create(Driver& d, void** to, unsigned flags, int priority) {
    if (!to || flags > Stream::NON_BLOCKING) return INVALID_VALUE;
    auto stream = std::make_shared<Stream>();
    stream->flags = flags;
    stream->priority = priority;
    *to = reinterpret_cast<void*>(d.streams.add(stream));
    return SUCCESS;
}

int record(const char* call, void* eventHandle, void* streamHandle) {
    return onEvent(call, CONTEXT, eventHandle, [&](Driver& d, Event& event) -> Result {
        auto stream = d.stream(streamHandle);
        if (!stream) return d.refuse(INVALID_HANDLE, std::string(call) + ": the stream was destroyed, or never was one");
        return d.queue.record(d, stream, event);
    });
}

}

// ---- streams

API int cuStreamCreate(void** to, unsigned flags) {
    return enter("cuStreamCreate", CONTEXT, [&](Driver& d) { return create(d, to, flags, 0); });
}

API int cuStreamCreateWithPriority(void** to, unsigned flags, int priority) {
    return enter("cuStreamCreateWithPriority", CONTEXT, [&](Driver& d) { return create(d, to, flags, priority); });
}

API int cuStreamDestroy_v2(void* handle) {
    return onStream("cuStreamDestroy_v2", CONTEXT, handle, [&](Driver& d, const std::shared_ptr<Stream>& s) -> Result {
        if (s->legacy) return d.refuse(INVALID_HANDLE, "cuStreamDestroy_v2: the legacy stream is nobody's to destroy");
        if (Result wrong = notCapturing(d, "cuStreamDestroy_v2", *s)) return wrong;
        d.queue.drain(d, *s, Queue::WAIT);
        d.streams.remove(handle);
        return SUCCESS;
    });
}

API int cuStreamSynchronize(void* handle) {
    return onStream("cuStreamSynchronize", CONTEXT | UNSAFE, handle, [](Driver& d, const std::shared_ptr<Stream>& s) {
        if (Result wrong = notCapturing(d, "cuStreamSynchronize", *s)) return wrong;
        d.queue.drain(d, *s, Queue::WAIT);
        return d.context.sticky;
    });
}

API int cuStreamQuery(void* handle) {
    return onStream("cuStreamQuery", CONTEXT | UNSAFE, handle, [](Driver& d, const std::shared_ptr<Stream>& s) {
        if (Result wrong = notCapturing(d, "cuStreamQuery", *s)) return wrong;
        return query(d, *s, UINT64_MAX, !s->queue.empty());
    });
}

API int cuStreamWaitEvent(void* streamHandle, void* eventHandle, unsigned) {
    return onEvent("cuStreamWaitEvent", CONTEXT, eventHandle, [&](Driver& d, Event& event) -> Result {
        auto stream = d.stream(streamHandle);
        if (!stream) return d.refuse(INVALID_HANDLE, "cuStreamWaitEvent: the stream was destroyed, or never was one");
        return d.queue.wait(d, stream, event);
    });
}

API int cuStreamGetPriority(void* handle, int* priority) {
    return onStream("cuStreamGetPriority", CONTEXT, handle, [&](Driver&, const std::shared_ptr<Stream>& s) -> Result {
        if (!priority) return INVALID_VALUE;
        *priority = s->priority;
        return SUCCESS;
    });
}

API int cuStreamGetFlags(void* handle, unsigned* flags) {
    return onStream("cuStreamGetFlags", CONTEXT, handle, [&](Driver&, const std::shared_ptr<Stream>& s) -> Result {
        if (!flags) return INVALID_VALUE;
        *flags = s->flags;
        return SUCCESS;
    });
}

API int cuLaunchHostFunc(void* handle, void (*body)(void*), void* data) {
    return onStream("cuLaunchHostFunc", CONTEXT, handle, [&](Driver& d, const std::shared_ptr<Stream>& s) -> Result {
        if (!body) return INVALID_VALUE;
        auto work = std::make_shared<Foreign>();
        work->what = "a host function";
        work->body = body;
        work->data = data;
        return d.queue.submit(d, s, work);
    });
}

// ---- capture

API int cuStreamBeginCapture_v2(void* handle, int mode) {
    return onStream("cuStreamBeginCapture_v2", CONTEXT, handle, [&](Driver& d, const std::shared_ptr<Stream>& s) -> Result {
        if (mode < Capture::GLOBAL || mode > Capture::RELAXED) return INVALID_VALUE;
        if (s->legacy) return d.refuse(STREAM_CAPTURE_UNSUPPORTED, "the legacy stream cannot capture");
        if (s->capture) return d.refuse(ILLEGAL_STATE, "cuStreamBeginCapture_v2: the stream captures already");
        auto capture = std::make_shared<Capture>();
        capture->mode = Capture::Mode(mode);
        capture->thread = std::this_thread::get_id();
        capture->origin = s;
        s->capture = capture;
        s->frontier.clear();
        d.captures.push_back(capture);
        return SUCCESS;
    });
}

API int cuStreamEndCapture(void* handle, void** to) {
    return onStream("cuStreamEndCapture", CONTEXT, handle, [&](Driver& d, const std::shared_ptr<Stream>& s) -> Result {
        if (!to) return INVALID_VALUE;
        *to = nullptr;
        auto capture = s->capture;
        if (!capture) return d.refuse(ILLEGAL_STATE, "cuStreamEndCapture: the stream does not capture");
        if (capture->origin.lock() != s) {
            capture->invalidated = true;
            return STREAM_CAPTURE_UNMATCHED;
        }
        if (capture->mode != Capture::RELAXED && capture->thread != std::this_thread::get_id())
            return STREAM_CAPTURE_WRONG_THREAD;
        bool joined = capture->joined(*s);
        capture->ended = true;
        for (auto& other : d.streams.all()) {
            if (other.second->capture != capture) continue;
            other.second->capture = nullptr;
            other.second->frontier.clear();
        }
        if (capture->invalidated || !joined) capture->graph.nodes.clear();  // an event may keep the capture itself
        if (capture->invalidated) return STREAM_CAPTURE_INVALIDATED;
        if (!joined) return d.refuse(STREAM_CAPTURE_UNJOINED, "work captured in another stream was not joined by an event");
        auto graph = std::make_shared<Graph>(std::move(capture->graph));
        *to = reinterpret_cast<void*>(d.graphs.add(graph));
        return SUCCESS;
    });
}

API int cuStreamIsCapturing(void* handle, int* status) {
    return onStream("cuStreamIsCapturing", CONTEXT, handle, [&](Driver&, const std::shared_ptr<Stream>& s) -> Result {
        if (!status) return INVALID_VALUE;
        *status = !s->capture ? 0 : s->capture->invalidated ? 2 : 1;
        return SUCCESS;
    });
}

// ---- events

API int cuEventCreate(void** to, unsigned flags) {
    return enter("cuEventCreate", CONTEXT, [&](Driver& d) -> Result {
        if (!to || flags > 7) return INVALID_VALUE;
        auto event = std::make_shared<Event>();
        event->flags = flags;
        *to = reinterpret_cast<void*>(d.events.add(event));
        return SUCCESS;
    });
}

API int cuEventDestroy_v2(void* handle) {
    return onEvent("cuEventDestroy_v2", CONTEXT, handle, [&](Driver& d, Event&) -> Result {
        d.events.remove(handle);
        return SUCCESS;
    });
}

API int cuEventRecord(void* event, void* stream) {
    return record("cuEventRecord", event, stream);
}

API int cuEventRecordWithFlags(void* event, void* stream, unsigned) {
    return record("cuEventRecordWithFlags", event, stream);
}

API int cuEventQuery(void* handle) {
    return onEvent("cuEventQuery", CONTEXT | UNSAFE, handle, [](Driver& d, Event& e) -> Result {
        if (Result wrong = notCaptured(d, "cuEventQuery", e)) return wrong;
        if (!e.record) return SUCCESS;
        auto record = e.record;
        return query(d, *record->stream, record->order, !record->done);
    });
}

API int cuEventSynchronize(void* handle) {
    return onEvent("cuEventSynchronize", CONTEXT | UNSAFE, handle, [](Driver& d, Event& e) -> Result {
        if (Result wrong = notCaptured(d, "cuEventSynchronize", e)) return wrong;
        auto record = e.record;
        if (record && !record->done) d.queue.drain(d, *record->stream, Queue::WAIT, record->order);
        return d.context.sticky;
    });
}

API int cuEventElapsedTime(float* milliseconds, void* fromHandle, void* toHandle) {
    return onEvent("cuEventElapsedTime", CONTEXT, fromHandle, [&](Driver& d, Event& from) -> Result {
        auto to = d.events.find(toHandle);
        if (!milliseconds) return INVALID_VALUE;
        if (!to || !from.record || !to->record) return d.refuse(INVALID_HANDLE, "cuEventElapsedTime: an event was not recorded");
        if ((from.flags | to->flags) & Event::DISABLE_TIMING)
            return d.refuse(INVALID_HANDLE, "cuEventElapsedTime: an event was created without timing");
        if (!from.record->done || !to->record->done) return NOT_READY;
        *milliseconds = std::chrono::duration<float, std::milli>(to->record->time - from.record->time).count();
        return SUCCESS;
    });
}
