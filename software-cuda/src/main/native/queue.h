// Work, the streams it waits in, and the events that order it.
#pragma once
#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>
#include "handles.h"
#include "result.h"

namespace soft {

struct Driver;
struct Capture;

struct Work {
    virtual ~Work() = default;
    virtual Result run(Driver& driver) = 0;
    // Whether it can run now; asked again after each change (Driver::changed) until it can.
    virtual bool ready(Driver&) { return true; }
    virtual std::string describe() const = 0;
    virtual int nodeType() const = 0;  // CUgraphNodeType
    virtual bool isIdle() const { return false; }  // left undone by a device that is idle

    Result perform(Driver& driver);
};

struct Pending {
    uint64_t order;  // over all streams
    std::shared_ptr<Work> work;
};

struct Stream {
    unsigned flags = 0;
    int priority = 0;
    bool legacy = false;
    std::deque<Pending> queue;
    std::shared_ptr<Capture> capture;  // while it captures
    std::vector<size_t> frontier;      // the captured nodes that the next one has to follow

    static constexpr unsigned NON_BLOCKING = 1;
    bool blocking() const { return !legacy && !(flags & NON_BLOCKING); }
};

// One recording of an event: its place in a stream, and when it was reached.
struct Record {
    std::shared_ptr<Stream> stream;
    uint64_t order = 0;
    bool done = false;
    std::chrono::steady_clock::time_point time;
};

struct Event {
    unsigned flags = 0;
    std::shared_ptr<Record> record;    // the latest; null before the first
    std::shared_ptr<Capture> capture;  // where the latest recording was captured
    std::vector<size_t> frontier;

    static constexpr unsigned DISABLE_TIMING = 2;
};

class Queue {
public:
    bool deferred = false;

    // Runs the work now or later, or adds it to the stream's capture.
    Result submit(Driver& driver, const std::shared_ptr<Stream>& stream, std::shared_ptr<Work> work);
    // What to do where work is not ready.
    enum Patience { RETURN, WAIT };

    // Runs what waits in the stream up to an order, and whatever has to come before.
    void drain(Driver& driver, Stream& stream, Patience patience, uint64_t upTo = UINT64_MAX);
    void drainAll(Driver& driver, Patience patience);
    Result record(Driver& driver, const std::shared_ptr<Stream>& stream, Event& event);
    Result wait(Driver& driver, const std::shared_ptr<Stream>& stream, Event& event);
    size_t pending(const Driver& driver) const;
    uint64_t lastOrder() const { return counter; }

private:
    uint64_t counter = 0;
};

}
