// For which graphs there are engines. The rules are those of the support surfaces 90, 80 and 70 of NVIDIA's developer guide, of which a GPU of
// compute capability 9.0 has all; of the specialised engines there are none.
#include <set>

#include "cudnn_graph.h"

namespace soft {

namespace {

size_t none(const OperationGraph&) { return 0; }

size_t partial_sums(const OperationGraph& graph) {
    size_t bytes = 1024;
    for (const Node& node : graph.nodes)
        for (long uid : node.outputs)
            if (node.kind == NodeKind::statistics || node.kind == NodeKind::reduction)
                bytes += 16 * 4 * size_t(graph.tensor(uid).elements());
    return bytes;
}

// The first does not give the same digits each time where it sums: a caller that needs them reads the numerical notes.
constexpr Engine kEngines[] = {{4, false, none}, {12, true, partial_sums}, {33, true, none}};

cudnnStatus_t refuse_layout(const char* call, const char* why) {
    return refuse_cudnn(static_cast<cudnnStatus_t>(3004), call, "%s", why);
}

cudnnStatus_t refuse_type(const char* call, const char* why) {
    return refuse_cudnn(static_cast<cudnnStatus_t>(3003), call, "%s", why);
}

cudnnStatus_t refuse_pattern(const char* call, const char* why) {
    return refuse_cudnn(static_cast<cudnnStatus_t>(3001), call, "%s", why);
}

cudnnStatus_t check_convolution(const char* call, const OperationGraph& graph, const Node& node) {
    const Problem p = graph.problem(node);
    const Backend& c = node.descriptor->of(node.kind == NodeKind::forward
                    ? CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC
                    : CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_CONV_DESC);
    for (long i = 0; i < 2; i++)
        if (c.get<int64_t>(CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, i)
                != c.get<int64_t>(CUDNN_ATTR_CONVOLUTION_POST_PADDINGS, i))
            return refuse_cudnn(static_cast<cudnnStatus_t>(3011), call, "padding that differs on opposite sides");
    const GraphTensor &a = graph.tensor(node.inputs[0]), &w = graph.tensor(node.inputs[1]);
    if (a.type != w.type) return refuse_type(call, "an image and a filter of different types");
    if (a.type == CUDNN_DATA_DOUBLE || p.conv.compute != CUDNN_DATA_FLOAT)
        return refuse_type(call, "double, or sums that are not float");
    if (p.conv.mode != CUDNN_CROSS_CORRELATION) return refuse_pattern(call, "a filter that is flipped");
    for (long uid : {node.inputs[0], node.inputs[1], node.outputs[0]})
        if (!graph.tensor(uid).is_packed_channels_last())
            return refuse_layout(call, "images and filters that are not stored N, H, W, C in one piece");
    for (long uid : node.inputs) {
        if (graph.tensor(uid).is_virtual) return refuse_pattern(call, "operations in front of the convolution");
        if (graph.tensor(uid).alignment < 16) return refuse_layout(call, "an image or a filter aligned to less than 16 bytes");
    }
    const bool forward = node.kind == NodeKind::forward;
    if (node.descriptor->factor(forward ? CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA
                                        : CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_ALPHA,
                1) != 1
            || node.descriptor->factor(forward ? CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA
                                               : CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_BETA,
                       0) != 0)
        return refuse_pattern(call, "a convolution with factors other than 1 and 0");
    return CUDNN_STATUS_SUCCESS;
}

struct Epilogue {
    const OperationGraph& graph;
    const Node& convolution;
    const GraphTensor& images;
    std::set<long> derived; // from the convolution's result
    // Surface 70, in which the convolution's result is the first input of each operation, the one with statistics and strided gradients.
    bool is_narrow;

    cudnnStatus_t check(const char* call, const Node& node) {
        if (node.kind == NodeKind::pointwise) return pointwise(call, node);
        const GraphTensor& x = graph.tensor(node.inputs[0]);
        if (!x.same_sizes(images) || !x.is_packed_channels_last() || derived.count(x.uid) == 0)
            return refuse_layout(call, "sums of a tensor that the convolution does not make");
        for (long uid : node.outputs) {
            const GraphTensor& sum = graph.tensor(uid);
            if (sum.type != CUDNN_DATA_FLOAT) return refuse_type(call, "sums that are not stored as float");
            if (sum.is_virtual) return refuse_pattern(call, "an operation behind the sums");
            if (!sum.is_per_channel(images) || sum.sizes[1] != images.sizes[1])
                return refuse_layout(call, "sums that are not one a channel");
        }
        return node.kind == NodeKind::statistics ? statistics(call, node) : reduction(call, node);
    }

private:
    cudnnStatus_t pointwise(const char* call, const Node& node) {
        const Backend& settings = node.descriptor->of(CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR);
        if (settings.get<int>(CUDNN_ATTR_POINTWISE_MATH_PREC) != CUDNN_DATA_FLOAT)
            return refuse_type(call, "a pointwise operation that does not compute in float");
        if (node.descriptor->factor(CUDNN_ATTR_OPERATION_POINTWISE_ALPHA1, 1) != 1
                || node.descriptor->factor(CUDNN_ATTR_OPERATION_POINTWISE_ALPHA2, 1) != 1)
            return refuse_pattern(call, "a pointwise operation with factors other than 1");
        const bool free = convolution.kind == NodeKind::backward_data && !is_narrow;
        if (!free && derived.count(node.inputs[0]) == 0)
            return refuse_pattern(call, "a pointwise operation whose first input does not come from the convolution");
        for (size_t i = 0; i < node.inputs.size(); i++) {
            const GraphTensor& input = graph.tensor(node.inputs[i]);
            const bool whole = input.same_sizes(images) && input.is_packed_channels_last();
            if (!whole && (i == 0 || !input.is_per_channel(images)))
                return refuse_layout(call, "an input that is neither of the images' shape and layout nor one number a channel");
            if (input.type == CUDNN_DATA_DOUBLE) return refuse_type(call, "an input of double");
            if (!input.is_virtual && input.alignment < 4) return refuse_layout(call, "an input aligned to less than 4 bytes");
        }
        const GraphTensor& y = graph.tensor(node.outputs[0]);
        if (!y.same_sizes(images) || !y.is_packed_channels_last() || y.type == CUDNN_DATA_DOUBLE)
            return refuse_layout(call, "a result that is not of the images' shape and layout");
        derived.insert(y.uid);
        return CUDNN_STATUS_SUCCESS;
    }

    cudnnStatus_t statistics(const char* call, const Node& node) {
        const int type = graph.tensor(node.inputs[0]).type;
        if (type != CUDNN_DATA_FLOAT && type != CUDNN_DATA_HALF)
            return refuse_type(call, "statistics of a tensor that is neither half nor float");
        return node.descriptor->get<int>(CUDNN_ATTR_OPERATION_GENSTATS_MATH_PREC) == CUDNN_DATA_FLOAT
                ? CUDNN_STATUS_SUCCESS
                : refuse_type(call, "statistics that are not computed in float");
    }

    cudnnStatus_t reduction(const char* call, const Node& node) {
        const Backend& settings = node.descriptor->of(CUDNN_ATTR_OPERATION_REDUCTION_DESC);
        if (settings.get<int>(CUDNN_ATTR_REDUCTION_COMP_TYPE) != CUDNN_DATA_FLOAT)
            return refuse_type(call, "a reduction that does not compute in float");
        return settings.get<int>(CUDNN_ATTR_REDUCTION_OPERATOR) == CUDNN_REDUCE_TENSOR_ADD
                ? CUDNN_STATUS_SUCCESS
                : not_supported(call, "the software cuDNN reduces to sums alone");
    }
};

} // namespace

cudnnStatus_t supports(const char* call, const OperationGraph& graph) {
    const Node* convolution = graph.convolution();
    if (convolution == nullptr) return refuse_pattern(call, "the software cuDNN takes graphs of one convolution alone");
    if (auto status = check_convolution(call, graph, *convolution)) return status;
    if (graph.nodes.size() == 1)
        return graph.tensor(convolution->outputs[0]).type == CUDNN_DATA_DOUBLE ? refuse_type(call, "a result of double")
                                                                                : CUDNN_STATUS_SUCCESS;
    const Problem p = graph.problem(*convolution);
    auto count = [&](NodeKind kind) {
        return std::count_if(graph.nodes.begin(), graph.nodes.end(), [=](const Node& n) { return n.kind == kind; });
    };
    if (p.conv.groups > 1 && (convolution->kind == NodeKind::backward_data || graph.sums()))
        return refuse_pattern(call, "a grouped convolution with sums, or a grouped gradient with anything behind it");
    if (count(NodeKind::reduction) > 1) return refuse_pattern(call, "more than one reduction");
    const bool strided = p.conv.stride_h > 1 || p.conv.stride_w > 1;
    const bool narrow = count(NodeKind::statistics) > 0 || (convolution->kind == NodeKind::backward_data && strided);
    const long result = convolution->outputs[0];
    Epilogue epilogue{graph, *convolution, graph.tensor(result), {result}, narrow};
    for (const Node& node : graph.nodes)
        if (!node.is_convolution())
            if (auto status = epilogue.check(call, node)) return status;
    return CUDNN_STATUS_SUCCESS;
}

std::vector<const Engine*> engines_for(const OperationGraph& graph) {
    std::vector<const Engine*> offered;
    for (const Engine& engine : kEngines)
        if (graph.sums() || engine.deterministic) offered.push_back(&engine);
    return offered;
}

const Engine* engine_of(int index) {
    for (const Engine& engine : kEngines)
        if (engine.index == index) return &engine;
    return nullptr;
}

} // namespace soft
