// Graphs, and the capture of streams into them.
#pragma once
#include <memory>
#include <thread>
#include <vector>
#include "queue.h"

namespace soft {

struct Node {
    Handle handle;
    std::shared_ptr<Work> work;  // null for an empty node
    std::vector<size_t> dependencies;
};

// Its nodes are ordered so as to respect their dependencies.
struct Graph {
    std::vector<Node> nodes;
    Node* find(const void* handle);
};

// What can be launched: the graph's nodes as they were, of which some may have been given other parameters.
struct Executable {
    std::shared_ptr<const Graph> graph;
};

struct Capture {
    enum Mode { GLOBAL = 0, THREAD_LOCAL = 1, RELAXED = 2 };

    Mode mode;
    std::thread::id thread;
    std::weak_ptr<Stream> origin;
    Graph graph;
    bool invalidated = false;
    bool ended = false;

    void add(Stream& stream, std::shared_ptr<Work> work);
    // Whether the origin's next node would come after everything that was captured.
    bool joined(const Stream& origin) const;
};

// A launch of a graph. Its nodes run in their order, each when it is ready, so that one that waits for another stream holds up this one only.
struct GraphLaunch : Work {
    std::shared_ptr<const Graph> graph;
    size_t next = 0;  // the first node that has not run
    Result failure = SUCCESS;

    // Runs the nodes that are ready; answers whether none is left.
    bool ready(Driver& driver) override;
    Result run(Driver&) override { return failure; }
    std::string describe() const override { return "a graph"; }
    int nodeType() const override { return 4; }
};

}
