// A graph of operations as its descriptors say it, which engines there are for it, and what it computes.
#pragma once
#include <map>
#include <vector>

#include "cudnn_backend.h"
#include "cudnn_problem.h"

namespace soft {

struct GraphTensor {
    long uid = 0;
    int type = 0;
    long alignment = 1;
    bool is_virtual = false;
    std::vector<long> sizes, strides;

    static GraphTensor of(const Backend& descriptor);

    bool is_images() const { return sizes.size() == 4; }
    Tensor images() const;
    long elements() const;
    long extent() const;
    // N, H, W, C in one piece, whatever the stride of an axis of size 1.
    bool is_packed_channels_last() const { return is_images() && images().is_nhwc(); }
    bool same_sizes(const GraphTensor& other) const { return sizes == other.sizes; }
    // One number a channel of the images, or one in all.
    bool is_per_channel(const GraphTensor& images) const;
};

enum class NodeKind { forward, backward_data, pointwise, statistics, reduction };

struct Node {
    NodeKind kind;
    const Backend* descriptor; // kept by the graph's
    std::vector<long> inputs, outputs; // by uid

    bool is_convolution() const { return kind == NodeKind::forward || kind == NodeKind::backward_data; }
    int mode() const; // of a pointwise operation
};

struct OperationGraph {
    std::vector<std::shared_ptr<const Backend>> operations;
    std::vector<Node> nodes; // each after those whose results it reads
    std::map<long, GraphTensor> tensors;

    static cudnnStatus_t of(const char* call, const Backend& descriptor, std::shared_ptr<const OperationGraph>* graph);

    const GraphTensor& tensor(long uid) const { return tensors.at(uid); }
    const Node* convolution() const; // the only one, or null
    bool sums() const; // whether there are sums over elements, whose order an engine chooses
    Problem problem(const Node& convolution) const; // with float32 images packed as the graph's are
};

// Success, or with which status and in which words cuDNN has no engine for the graph.
cudnnStatus_t supports(const char* call, const OperationGraph& graph);

struct Engine {
    int index;
    bool deterministic;
    size_t (*workspace)(const OperationGraph&);
};

// Those for a graph that is supported, as the heuristics order them.
std::vector<const Engine*> engines_for(const OperationGraph& graph);
const Engine* engine_of(int index);

// A graph with the memory of its tensors that are not virtual.
struct GraphWork {
    std::shared_ptr<const OperationGraph> graph;
    std::map<long, void*> memory;
    bool deterministic;
    void* workspace;
    size_t workspace_bytes;

    void operator()() const;
};

} // namespace soft
