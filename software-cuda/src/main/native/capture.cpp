#include "capture.h"
#include "driver.h"

namespace soft {

Node* Graph::find(const void* handle) {
    for (Node& n : nodes)
        if (n.handle == reinterpret_cast<Handle>(handle)) return &n;
    return nullptr;
}

void Capture::add(Stream& stream, std::shared_ptr<Work> work) {
    graph.nodes.push_back({freshHandle(), std::move(work), stream.frontier});
    stream.frontier = {graph.nodes.size() - 1};
}

bool Capture::joined(const Stream& origin) const {
    std::vector<bool> reached(graph.nodes.size());
    std::vector<size_t> open = origin.frontier;
    while (!open.empty()) {
        size_t i = open.back();
        open.pop_back();
        if (reached[i]) continue;
        reached[i] = true;
        open.insert(open.end(), graph.nodes[i].dependencies.begin(), graph.nodes[i].dependencies.end());
    }
    for (bool r : reached)
        if (!r) return false;
    return true;
}

bool GraphLaunch::ready(Driver& d) {
    for (; !failure && next < graph->nodes.size(); next++) {
        const Node& n = graph->nodes[next];
        if (!n.work) continue;
        bool idle = d.idle && n.work->isIdle();
        if (!idle && !d.context.sticky && !n.work->ready(d)) return false;
        failure = n.work->perform(d);
        if (d.context.sticky) failure = d.context.sticky;
    }
    return true;
}

}
