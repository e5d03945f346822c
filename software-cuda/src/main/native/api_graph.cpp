// Graphs: made by capturing or node by node, then instantiated, changed, and launched.
#include <algorithm>
#include "launch.h"

using namespace soft;

namespace {

// CUDA_KERNEL_NODE_PARAMS_v2
struct KernelNodeParams {
    void* function;
    unsigned grid[3];
    unsigned block[3];
    unsigned shared;
    void** parameters;
    void** extra;
    void* kernel;
    void* context;
};

template <class F>
int onGraph(const char* call, const void* handle, F&& body) {
    return enter(call, CONTEXT, [&](Driver& d) -> Result {
        auto graph = d.graphs.find(handle);
        if (!graph) return d.refuse(INVALID_HANDLE, std::string(call) + ": the graph was destroyed, or never was one");
        return body(d, graph);
    });
}

template <class F>
int onExecutable(const char* call, const void* handle, F&& body) {
    return enter(call, CONTEXT, [&](Driver& d) -> Result {
        auto e = d.executables.find(handle);
        if (!e) return d.refuse(INVALID_HANDLE, std::string(call) + ": it was destroyed, or never was an executable graph");
        return body(d, *e);
    });
}

// The node of the handle, in whichever graph it is.
const Node* findNode(Driver& d, const void* handle) {
    for (auto& g : d.graphs.all())
        if (const Node* n = g.second->find(handle)) return n;
    return nullptr;
}

std::shared_ptr<Launch> kernelOf(const Node* node) {
    return node ? std::dynamic_pointer_cast<Launch>(node->work) : nullptr;
}

Result changed(Driver& d, const KernelNodeParams& p, std::shared_ptr<Work>& to) {
    auto launch = std::make_shared<Launch>();
    LaunchRequest request = {p.function, {{p.grid[0], p.grid[1], p.grid[2]}, {p.block[0], p.block[1], p.block[2]}, p.shared},
        p.parameters, p.extra};
    if (Result wrong = prepare(d, request, *launch)) return wrong;
    to = launch;
    return SUCCESS;
}

}

API int cuGraphCreate(void** to, unsigned flags) {
    return enter("cuGraphCreate", CONTEXT, [&](Driver& d) -> Result {
        if (!to || flags) return INVALID_VALUE;
        *to = reinterpret_cast<void*>(d.graphs.add(std::make_shared<Graph>()));
        return SUCCESS;
    });
}

API int cuGraphAddKernelNode_v2(void** to, void* handle, void* const* after, size_t count, const KernelNodeParams* p) {
    return onGraph("cuGraphAddKernelNode_v2", handle, [&](Driver& d, const std::shared_ptr<Graph>& g) -> Result {
        if (!to || !p) return INVALID_VALUE;
        Node node = {freshHandle(), nullptr, {}};
        for (size_t i = 0; i < count; i++) {
            const Node* n = g->find(after[i]);
            if (!n) return d.refuse(INVALID_VALUE, "cuGraphAddKernelNode_v2: a dependency is no node of this graph");
            node.dependencies.push_back(n - g->nodes.data());
        }
        if (Result wrong = changed(d, *p, node.work)) return wrong;
        g->nodes.push_back(node);
        *to = reinterpret_cast<void*>(node.handle);
        return SUCCESS;
    });
}

API int cuGraphDestroy(void* handle) {
    return onGraph("cuGraphDestroy", handle, [&](Driver& d, const std::shared_ptr<Graph>&) -> Result {
        d.graphs.remove(handle);
        return SUCCESS;
    });
}

API int cuGraphGetNodes(void* handle, void** nodes, size_t* count) {
    return onGraph("cuGraphGetNodes", handle, [&](Driver& d, const std::shared_ptr<Graph>& g) -> Result {
        if (!count) return INVALID_VALUE;
        if (!nodes) {
            *count = g->nodes.size();
            return SUCCESS;
        }
        // NVIDIA's fills the rest of the array with null. JCuda 12.6.0 passes a count that it never set, so that this
        // destroys its memory, or gives too few nodes.
        if (*count != g->nodes.size())
            return d.refuse(INVALID_VALUE, "cuGraphGetNodes: room for " + std::to_string(*count) + " nodes, where the graph has "
                + std::to_string(g->nodes.size()) + "; JCuda does not pass the count on: ask it for the count only");
        for (size_t i = 0; i < *count; i++) nodes[i] = reinterpret_cast<void*>(g->nodes[i].handle);
        return SUCCESS;
    });
}

API int cuGraphNodeGetType(void* node, int* type) {
    return enter("cuGraphNodeGetType", CONTEXT, [&](Driver& d) -> Result {
        const Node* n = findNode(d, node);
        if (!n || !type) return INVALID_VALUE;
        *type = n->work ? n->work->nodeType() : 5;
        return SUCCESS;
    });
}

API int cuGraphInstantiateWithFlags(void** to, void* handle, unsigned long long) {
    return onGraph("cuGraphInstantiateWithFlags", handle, [&](Driver& d, const std::shared_ptr<Graph>& g) -> Result {
        if (!to) return INVALID_VALUE;
        auto e = std::make_shared<Executable>();
        e->graph = std::make_shared<Graph>(*g);
        *to = reinterpret_cast<void*>(d.executables.add(e));
        return SUCCESS;
    });
}

API int cuGraphExecDestroy(void* handle) {
    return onExecutable("cuGraphExecDestroy", handle, [&](Driver& d, Executable&) -> Result {
        d.executables.remove(handle);
        return SUCCESS;
    });
}

API int cuGraphLaunch(void* handle, void* streamHandle) {
    return onExecutable("cuGraphLaunch", handle, [&](Driver& d, Executable& e) -> Result {
        auto stream = d.stream(streamHandle);
        if (!stream) return d.refuse(INVALID_HANDLE, "cuGraphLaunch: the stream was destroyed, or never was one");
        auto work = std::make_shared<GraphLaunch>();
        work->graph = e.graph;
        return d.queue.submit(d, stream, work);
    });
}

API int cuGraphUpload(void* handle, void* streamHandle) {
    return onExecutable("cuGraphUpload", handle, [&](Driver& d, Executable&) -> Result {
        return d.stream(streamHandle) ? SUCCESS : INVALID_HANDLE;
    });
}

API int cuGraphKernelNodeGetParams_v2(void* node, KernelNodeParams* p) {
    return enter("cuGraphKernelNodeGetParams_v2", CONTEXT, [&](Driver& d) -> Result {
        auto launch = kernelOf(findNode(d, node));
        if (!launch || !p) return INVALID_VALUE;
        auto handle = [&]() -> void* {
            for (auto& f : d.functions.all())
                if (f.second == launch->function) return reinterpret_cast<void*>(f.first);
            return nullptr;
        };
        const Geometry& g = launch->geometry;
        *p = {handle(), {g.grid.x, g.grid.y, g.grid.z}, {g.block.x, g.block.y, g.block.z}, g.shared,
            launch->pointers.data(), nullptr, nullptr, nullptr};
        return SUCCESS;
    });
}

API int cuGraphKernelNodeSetParams_v2(void* node, const KernelNodeParams* p) {
    return enter("cuGraphKernelNodeSetParams_v2", CONTEXT, [&](Driver& d) -> Result {
        for (auto& g : d.graphs.all()) {
            Node* n = g.second->find(node);
            if (n) return p && kernelOf(n) ? changed(d, *p, n->work) : INVALID_VALUE;
        }
        return INVALID_VALUE;
    });
}

API int cuGraphExecKernelNodeSetParams_v2(void* handle, void* node, const KernelNodeParams* p) {
    return onExecutable("cuGraphExecKernelNodeSetParams_v2", handle, [&](Driver& d, Executable& e) -> Result {
        auto graph = std::make_shared<Graph>(*e.graph);  // launches that have not run keep the old one
        Node* n = graph->find(node);
        if (!n || !p || !kernelOf(n)) return d.refuse(INVALID_VALUE, "it is no kernel node of this graph");
        Result result = changed(d, *p, n->work);
        if (!result) e.graph = graph;
        return result;
    });
}
