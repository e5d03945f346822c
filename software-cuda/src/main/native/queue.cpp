#include "queue.h"
#include "driver.h"

namespace soft {
namespace {

struct Recording : Work {
    std::shared_ptr<Record> record;
    Result run(Driver&) override {
        record->done = true;
        record->time = std::chrono::steady_clock::now();
        return SUCCESS;
    }
    std::string describe() const override { return "an event's recording"; }
    int nodeType() const override { return 7; }
};

struct Waiting : Work {
    std::shared_ptr<Record> record;
    bool ready(Driver& d) override {
        if (!record->done) d.queue.drain(d, *record->stream, Queue::RETURN, record->order);
        return record->done || d.context.sticky;
    }
    Result run(Driver&) override { return SUCCESS; }
    std::string describe() const override { return "a wait for an event"; }
    int nodeType() const override { return 6; }
};

// Work of the legacy stream and of blocking streams is in one order, so the first cannot go with a capture of the other.
bool implicit(Driver& d, const Stream& stream) {
    if (!stream.legacy) return false;
    bool found = false;
    for (auto& s : d.streams.all()) {
        if (!s.second->capture || !s.second->blocking()) continue;
        s.second->capture->invalidated = true;
        found = true;
    }
    return found;
}

}

Result Work::perform(Driver& d) {
    return d.idle && isIdle() ? SUCCESS : run(d);
}

Result Queue::submit(Driver& d, const std::shared_ptr<Stream>& stream, std::shared_ptr<Work> work) {
    if (stream->capture) {
        if (stream->capture->invalidated) return STREAM_CAPTURE_INVALIDATED;
        stream->capture->add(*stream, std::move(work));
        return SUCCESS;
    }
    if (implicit(d, *stream))
        return d.refuse(STREAM_CAPTURE_IMPLICIT, "work in the legacy stream while a blocking stream captures");
    stream->queue.push_back({++counter, std::move(work)});
    if (!deferred) drain(d, *stream, RETURN);
    return SUCCESS;
}

void Queue::drain(Driver& d, Stream& stream, Patience patience, uint64_t upTo) {
    while (!stream.queue.empty() && stream.queue.front().order <= upTo) {
        Pending p = stream.queue.front();
        if (stream.legacy) {
            auto streams = d.streams.all();
            for (auto& s : streams)
                if (s.second->blocking()) drain(d, *s.second, patience, p.order);
        } else if (stream.blocking()) {
            drain(d, *d.legacy, patience, p.order);
        }
        // Another thread may have come here while this one waited.
        if (stream.queue.empty() || stream.queue.front().order != p.order) continue;
        bool runs = !d.context.sticky && !(d.idle && p.work->isIdle());
        if (runs && !p.work->ready(d)) {
            if (patience == RETURN) return;
            d.awaitChange();
            continue;
        }
        stream.queue.pop_front();
        if (d.context.sticky) continue;  // a broken context runs nothing more
        if (Result result = p.work->perform(d)) d.fail(result, p.work->describe() + " failed");
    }
}

void Queue::drainAll(Driver& d, Patience patience) {
    drain(d, *d.legacy, patience);
    auto streams = d.streams.all();
    for (auto& s : streams) drain(d, *s.second, patience);
}

Result Queue::record(Driver& d, const std::shared_ptr<Stream>& stream, Event& event) {
    if (stream->capture) {
        if (stream->capture->invalidated) return STREAM_CAPTURE_INVALIDATED;
        event.capture = stream->capture;
        event.frontier = stream->frontier;
        return SUCCESS;
    }
    auto work = std::make_shared<Recording>();
    work->record = std::make_shared<Record>();
    work->record->stream = stream;
    work->record->order = counter + 1;
    event.record = work->record;
    event.capture = nullptr;
    return submit(d, stream, work);
}

Result Queue::wait(Driver& d, const std::shared_ptr<Stream>& stream, Event& event) {
    if (event.capture && !event.capture->ended) {
        if (event.capture->invalidated) return STREAM_CAPTURE_INVALIDATED;
        if (stream->legacy) return d.refuse(STREAM_CAPTURE_IMPLICIT, "the legacy stream cannot join a capture");
        if (stream->capture && stream->capture != event.capture) {
            stream->capture->invalidated = event.capture->invalidated = true;
            return STREAM_CAPTURE_MERGE;
        }
        stream->capture = event.capture;
        stream->frontier.insert(stream->frontier.end(), event.frontier.begin(), event.frontier.end());
        return SUCCESS;
    }
    if (event.capture) return d.refuse(INVALID_VALUE, "the event was recorded in a capture that has ended");
    if (stream->capture) {
        stream->capture->invalidated = true;
        return d.refuse(STREAM_CAPTURE_ISOLATION, "a captured stream cannot wait for an event recorded outside the capture");
    }
    if (!event.record) return SUCCESS;
    auto work = std::make_shared<Waiting>();
    work->record = event.record;
    return submit(d, stream, work);
}

size_t Queue::pending(const Driver& d) const {
    size_t n = d.legacy->queue.size();
    for (auto& s : d.streams.all()) n += s.second->queue.size();
    return n;
}

}
