// Makes a graph of the descriptors of its operations.
#include "cudnn_graph.h"

#include <set>

namespace soft {

GraphTensor GraphTensor::of(const Backend& d) {
    GraphTensor t;
    t.uid = d.get<int64_t>(CUDNN_ATTR_TENSOR_UNIQUE_ID);
    t.type = d.get<int>(CUDNN_ATTR_TENSOR_DATA_TYPE);
    t.alignment = d.get<int64_t>(CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT);
    t.is_virtual = d.get_or<char>(CUDNN_ATTR_TENSOR_IS_VIRTUAL, 0) != 0;
    for (long i = 0; i < d.count(CUDNN_ATTR_TENSOR_DIMENSIONS); i++) {
        t.sizes.push_back(d.get<int64_t>(CUDNN_ATTR_TENSOR_DIMENSIONS, i));
        t.strides.push_back(d.get<int64_t>(CUDNN_ATTR_TENSOR_STRIDES, i));
    }
    return t;
}

Tensor GraphTensor::images() const {
    return {true, type, int(sizes[0]), int(sizes[1]), int(sizes[2]), int(sizes[3]), strides[0], strides[1], strides[2],
            strides[3]};
}

long GraphTensor::elements() const {
    long count = 1;
    for (long size : sizes)
        count *= size;
    return count;
}

long GraphTensor::extent() const {
    long last = 0;
    for (size_t i = 0; i < sizes.size(); i++)
        last += (sizes[i] - 1) * strides[i];
    return last + 1;
}

bool GraphTensor::is_per_channel(const GraphTensor& images) const {
    return is_images() && sizes[0] == 1 && sizes[2] == 1 && sizes[3] == 1
            && (sizes[1] == 1 || sizes[1] == images.sizes[1]);
}

int Node::mode() const {
    return descriptor->of(CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR).get<int>(CUDNN_ATTR_POINTWISE_MODE);
}

namespace {

struct Roles {
    NodeKind kind;
    std::vector<int> inputs, outputs;
};

Roles roles_of(const Backend& operation) {
    switch (operation.type) {
        case CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR:
            return {NodeKind::forward,
                    {CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W},
                    {CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y}};
        case CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR:
            return {NodeKind::backward_data,
                    {CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DY, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_W},
                    {CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DX}};
        case CUDNN_BACKEND_OPERATION_GEN_STATS_DESCRIPTOR:
            return {NodeKind::statistics,
                    {CUDNN_ATTR_OPERATION_GENSTATS_XDESC},
                    {CUDNN_ATTR_OPERATION_GENSTATS_SUMDESC, CUDNN_ATTR_OPERATION_GENSTATS_SQSUMDESC}};
        case CUDNN_BACKEND_OPERATION_REDUCTION_DESCRIPTOR:
            return {NodeKind::reduction,
                    {CUDNN_ATTR_OPERATION_REDUCTION_XDESC},
                    {CUDNN_ATTR_OPERATION_REDUCTION_YDESC}};
        default: break;
    }
    if (operation.has(CUDNN_ATTR_OPERATION_POINTWISE_DYDESC))
        return {NodeKind::pointwise,
                {CUDNN_ATTR_OPERATION_POINTWISE_DYDESC, CUDNN_ATTR_OPERATION_POINTWISE_XDESC},
                {CUDNN_ATTR_OPERATION_POINTWISE_DXDESC}};
    if (operation.has(CUDNN_ATTR_OPERATION_POINTWISE_BDESC))
        return {NodeKind::pointwise,
                {CUDNN_ATTR_OPERATION_POINTWISE_XDESC, CUDNN_ATTR_OPERATION_POINTWISE_BDESC},
                {CUDNN_ATTR_OPERATION_POINTWISE_YDESC}};
    return {NodeKind::pointwise,
            {CUDNN_ATTR_OPERATION_POINTWISE_XDESC},
            {CUDNN_ATTR_OPERATION_POINTWISE_YDESC}};
}

// Notes the tensors of an operation; one uid is one tensor.
bool add_tensors(OperationGraph& graph, const Backend& operation, const std::vector<int>& names, std::vector<long>* uids) {
    for (int name : names) {
        GraphTensor tensor = GraphTensor::of(operation.of(name));
        auto known = graph.tensors.find(tensor.uid);
        if (known == graph.tensors.end())
            graph.tensors.emplace(tensor.uid, tensor);
        else if (!known->second.same_sizes(tensor) || known->second.strides != tensor.strides
                || known->second.type != tensor.type || known->second.is_virtual != tensor.is_virtual)
            return false;
        uids->push_back(tensor.uid);
    }
    return true;
}

} // namespace

cudnnStatus_t OperationGraph::of(
        const char* call, const Backend& descriptor, std::shared_ptr<const OperationGraph>* result) {
    auto graph = std::make_shared<OperationGraph>();
    graph->operations = descriptor.values.at(CUDNN_ATTR_OPERATIONGRAPH_OPS).descriptors;
    std::vector<Node> waiting;
    std::set<long> made;
    for (const auto& operation : graph->operations) {
        Roles roles = roles_of(*operation);
        Node node{roles.kind, operation.get(), {}, {}};
        if (!add_tensors(*graph, *operation, roles.inputs, &node.inputs)
                || !add_tensors(*graph, *operation, roles.outputs, &node.outputs))
            return bad_param(call, "two tensors of the graph have the same unique id");
        for (long uid : node.outputs)
            if (!made.insert(uid).second) return bad_param(call, "two operations have the same result");
        waiting.push_back(node);
    }
    for (const auto& known : graph->tensors)
        if (known.second.is_virtual && made.count(known.first) == 0)
            return refuse_cudnn(CUDNN_STATUS_BAD_PARAM, call, "no operation makes the virtual tensor %ld", known.first);
    std::set<long> ready;
    while (!waiting.empty()) {
        auto next = std::find_if(waiting.begin(), waiting.end(), [&](const Node& node) {
            return std::all_of(node.inputs.begin(), node.inputs.end(),
                    [&](long uid) { return made.count(uid) == 0 || ready.count(uid) == 1; });
        });
        if (next == waiting.end()) return bad_param(call, "the operations wait for each other");
        ready.insert(next->outputs.begin(), next->outputs.end());
        graph->nodes.push_back(*next);
        waiting.erase(next);
    }
    *result = graph;
    return CUDNN_STATUS_SUCCESS;
}

const Node* OperationGraph::convolution() const {
    const Node* only = nullptr;
    for (const Node& node : nodes) {
        if (!node.is_convolution()) continue;
        if (only != nullptr) return nullptr;
        only = &node;
    }
    return only;
}

bool OperationGraph::sums() const {
    return std::any_of(nodes.begin(), nodes.end(),
            [](const Node& n) { return n.kind == NodeKind::statistics || n.kind == NodeKind::reduction; });
}

Problem OperationGraph::problem(const Node& node) const {
    const bool forward = node.kind == NodeKind::forward;
    const Backend& c = node.descriptor->of(forward ? CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC
                                                   : CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_CONV_DESC);
    const GraphTensor &a = tensor(node.inputs[0]), &w = tensor(node.inputs[1]), &b = tensor(node.outputs[0]);
    Problem p;
    p.direction = forward ? Direction::forward : Direction::backward_data;
    p.x = (forward ? a : b).images();
    p.y = (forward ? b : a).images();
    p.w = {true, w.type, w.images().is_nhwc() ? CUDNN_TENSOR_NHWC : CUDNN_TENSOR_NCHW, int(w.sizes[0]), int(w.sizes[1]),
            int(w.sizes[2]), int(w.sizes[3])};
    auto at = [&](int name, long i) { return int(c.get<int64_t>(name, i)); };
    p.conv = {true, at(CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, 0), at(CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, 1),
            at(CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, 0), at(CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, 1),
            at(CUDNN_ATTR_CONVOLUTION_DILATIONS, 0), at(CUDNN_ATTR_CONVOLUTION_DILATIONS, 1),
            c.get<int>(CUDNN_ATTR_CONVOLUTION_CONV_MODE), c.get<int>(CUDNN_ATTR_CONVOLUTION_COMP_TYPE)};
    p.conv.groups = w.sizes[1] == 0 ? 1 : int(p.x.c / w.sizes[1]);
    return p;
}

} // namespace soft
