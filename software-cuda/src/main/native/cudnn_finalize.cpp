// What each descriptor of the graph API has to be to be finalized.
#include "cudnn_graph.h"

namespace soft {

namespace {

cudnnStatus_t tensor(const char* call, const Backend& b) {
    GraphTensor t;
    if (b.count(CUDNN_ATTR_TENSOR_DIMENSIONS) != b.count(CUDNN_ATTR_TENSOR_STRIDES))
        return bad_param(call, "a tensor has as many strides as dimensions");
    t = GraphTensor::of(b);
    if (!is_data_type(t.type)) return not_supported(call, "the software cuDNN has float, double, half and bfloat16 alone");
    for (size_t i = 0; i < t.sizes.size(); i++)
        if (t.sizes[i] < 1 || t.strides[i] < 1) return bad_param(call, "a size or a stride is not positive");
    if (t.alignment < 1 || (t.alignment & (t.alignment - 1)) != 0 || t.alignment % size_of(t.type) != 0)
        return bad_param(call, "the alignment is no power of two, or less than an element's");
    return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t convolution(const char* call, const Backend& b) {
    const long dimensions = b.get<int64_t>(CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS);
    for (int name : {CUDNN_ATTR_CONVOLUTION_DILATIONS, CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES,
                 CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, CUDNN_ATTR_CONVOLUTION_POST_PADDINGS}) {
        if (b.count(name) != dimensions) return bad_param(call, "an attribute has not one number a spatial dimension");
        const bool padding = name == CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS || name == CUDNN_ATTR_CONVOLUTION_POST_PADDINGS;
        for (long i = 0; i < dimensions; i++)
            if (b.get<int64_t>(name, i) < (padding ? 0 : 1))
                return bad_param(call, "a padding is negative, or a stride or dilation is not positive");
    }
    if (dimensions != 2) return not_supported(call, "the software cuDNN convolves in two dimensions alone");
    const int mode = b.get<int>(CUDNN_ATTR_CONVOLUTION_CONV_MODE);
    if (mode != CUDNN_CONVOLUTION && mode != CUDNN_CROSS_CORRELATION) return bad_param(call, "no such mode");
    return CUDNN_STATUS_SUCCESS;
}

bool is_backward(int mode) { return mode == CUDNN_POINTWISE_RELU_BWD; }
bool is_binary(int mode) {
    return mode == CUDNN_POINTWISE_ADD || mode == CUDNN_POINTWISE_MUL || mode == CUDNN_POINTWISE_SUB
            || mode == CUDNN_POINTWISE_MIN || mode == CUDNN_POINTWISE_MAX;
}

cudnnStatus_t pointwise(const char* call, const Backend& b) {
    const int mode = b.get<int>(CUDNN_ATTR_POINTWISE_MODE);
    if (!is_backward(mode) && !is_binary(mode) && mode != CUDNN_POINTWISE_RELU_FWD && mode != CUDNN_POINTWISE_IDENTITY)
        return refuse_cudnn(CUDNN_STATUS_NOT_SUPPORTED, call, "the software cuDNN has no pointwise mode %d", mode);
    return CUDNN_STATUS_SUCCESS;
}

// The tensors that a mode takes, and that their sizes agree.
cudnnStatus_t pointwise_operation(const char* call, const Backend& b) {
    const int mode = b.of(CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR).get<int>(CUDNN_ATTR_POINTWISE_MODE);
    auto expect = [&](int name, bool wanted) { return b.has(name) == wanted; };
    if (!expect(CUDNN_ATTR_OPERATION_POINTWISE_YDESC, !is_backward(mode))
            || !expect(CUDNN_ATTR_OPERATION_POINTWISE_DXDESC, is_backward(mode))
            || !expect(CUDNN_ATTR_OPERATION_POINTWISE_DYDESC, is_backward(mode))
            || !expect(CUDNN_ATTR_OPERATION_POINTWISE_BDESC, is_binary(mode)))
        return refuse_cudnn(
                CUDNN_STATUS_BAD_PARAM, call, "pointwise mode %d lacks a tensor, or has one that it does not take", mode);
    const GraphTensor x = GraphTensor::of(b.of(CUDNN_ATTR_OPERATION_POINTWISE_XDESC));
    const GraphTensor y = GraphTensor::of(
            b.of(is_backward(mode) ? CUDNN_ATTR_OPERATION_POINTWISE_DXDESC : CUDNN_ATTR_OPERATION_POINTWISE_YDESC));
    for (int name : {CUDNN_ATTR_OPERATION_POINTWISE_BDESC, CUDNN_ATTR_OPERATION_POINTWISE_DYDESC}) {
        if (!b.has(name)) continue;
        const GraphTensor other = GraphTensor::of(b.of(name));
        if (other.sizes.size() != y.sizes.size()) return bad_param(call, "the tensors have different numbers of axes");
        for (size_t i = 0; i < y.sizes.size(); i++)
            if (other.sizes[i] != y.sizes[i] && other.sizes[i] != 1)
                return bad_param(call, "the second input cannot be broadcast to the result");
    }
    if (!x.same_sizes(y)) return bad_param(call, "the sizes of x and of the result differ");
    return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t convolution_operation(const char* call, const Backend& b, bool forward) {
    const GraphTensor x = GraphTensor::of(
            b.of(forward ? CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X : CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DX));
    const GraphTensor w = GraphTensor::of(
            b.of(forward ? CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W : CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_W));
    const GraphTensor y = GraphTensor::of(
            b.of(forward ? CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y : CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DY));
    const Backend& c = b.of(forward ? CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC
                                    : CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_CONV_DESC);
    if (!x.is_images() || !w.is_images() || !y.is_images())
        return bad_param(call, "image, filter and result have four dimensions");
    if (x.sizes[1] % w.sizes[1] != 0 || w.sizes[0] % (x.sizes[1] / w.sizes[1]) != 0)
        return bad_param(call, "the channels do not divide into groups");
    if (y.sizes[0] != x.sizes[0] || y.sizes[1] != w.sizes[0])
        return bad_param(call, "the result has not the images of the one and the filters of the other");
    for (int i = 0; i < 2; i++) {
        auto at = [&](int name) { return c.get<int64_t>(name, i); };
        const long room = x.sizes[2 + i] + at(CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS)
                + at(CUDNN_ATTR_CONVOLUTION_POST_PADDINGS)
                - ((w.sizes[2 + i] - 1) * at(CUDNN_ATTR_CONVOLUTION_DILATIONS) + 1);
        if (room < 0 || room / at(CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES) + 1 != y.sizes[2 + i])
            return bad_param(call, "the sizes of image, filter and result do not agree");
    }
    return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t statistics_operation(const char* call, const Backend& b) {
    if (b.get<int>(CUDNN_ATTR_OPERATION_GENSTATS_MODE) != CUDNN_GENSTATS_SUM_SQSUM)
        return bad_param(call, "no such statistics");
    const GraphTensor x = GraphTensor::of(b.of(CUDNN_ATTR_OPERATION_GENSTATS_XDESC));
    for (int name : {CUDNN_ATTR_OPERATION_GENSTATS_SUMDESC, CUDNN_ATTR_OPERATION_GENSTATS_SQSUMDESC}) {
        const GraphTensor sum = GraphTensor::of(b.of(name));
        if (!x.is_images() || !sum.is_per_channel(x) || sum.sizes[1] != x.sizes[1])
            return bad_param(call, "sums are [1, C, 1, 1] for images [N, C, H, W]");
    }
    return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t reduction_operation(const char* call, const Backend& b) {
    const GraphTensor x = GraphTensor::of(b.of(CUDNN_ATTR_OPERATION_REDUCTION_XDESC));
    const GraphTensor y = GraphTensor::of(b.of(CUDNN_ATTR_OPERATION_REDUCTION_YDESC));
    if (x.sizes.size() != y.sizes.size()) return bad_param(call, "the tensors have different numbers of axes");
    for (size_t i = 0; i < y.sizes.size(); i++)
        if (y.sizes[i] != 1 && y.sizes[i] != x.sizes[i]) return bad_param(call, "a size of the result is not x's or 1");
    return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t handle_is_open(const char* call, const Backend& b, int name) {
    return find<Cudnn>(b.get<void*>(name)) == nullptr ? bad_param(call, "the handle was not created, or is destroyed")
                                                      : CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t engine(const char* call, Backend& b) {
    const OperationGraph& graph = *b.of(CUDNN_ATTR_ENGINE_OPERATION_GRAPH).graph;
    if (auto status = supports(call, graph)) return status;
    b.engine = int(b.get<int64_t>(CUDNN_ATTR_ENGINE_GLOBAL_INDEX));
    for (const Engine* offered : engines_for(graph))
        if (offered->index == b.engine) {
            b.graph = b.of(CUDNN_ATTR_ENGINE_OPERATION_GRAPH).graph;
            return CUDNN_STATUS_SUCCESS;
        }
    return refuse_cudnn(CUDNN_STATUS_NOT_SUPPORTED, call, "the graph has no engine %d", b.engine);
}

cudnnStatus_t plan(const char* call, Backend& b) {
    if (auto status = handle_is_open(call, b, CUDNN_ATTR_EXECUTION_PLAN_HANDLE)) return status;
    const Backend& engine = b.of(CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG).of(CUDNN_ATTR_ENGINECFG_ENGINE);
    b.graph = engine.graph;
    b.engine = engine.engine;
    const int64_t bytes = int64_t(engine_of(b.engine)->workspace(*b.graph));
    b.put<int64_t>(CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE, CUDNN_TYPE_INT64, {bytes});
    return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t graph(const char* call, Backend& b) {
    if (auto status = handle_is_open(call, b, CUDNN_ATTR_OPERATIONGRAPH_HANDLE)) return status;
    return OperationGraph::of(call, b, &b.graph);
}

cudnnStatus_t variant_pack(const char* call, const Backend& b) {
    return b.count(CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS) == b.count(CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS)
            ? CUDNN_STATUS_SUCCESS
            : bad_param(call, "there are as many pointers as unique ids");
}

} // namespace

cudnnStatus_t finalize(const char* call, Backend& b) {
    switch (b.type) {
        case CUDNN_BACKEND_TENSOR_DESCRIPTOR: return tensor(call, b);
        case CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR: return convolution(call, b);
        case CUDNN_BACKEND_POINTWISE_DESCRIPTOR: return pointwise(call, b);
        case CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR: return convolution_operation(call, b, true);
        case CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR: return convolution_operation(call, b, false);
        case CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR: return pointwise_operation(call, b);
        case CUDNN_BACKEND_OPERATION_GEN_STATS_DESCRIPTOR: return statistics_operation(call, b);
        case CUDNN_BACKEND_OPERATION_REDUCTION_DESCRIPTOR: return reduction_operation(call, b);
        case CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR: return graph(call, b);
        case CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR:
            return supports(call, *b.of(CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH).graph);
        case CUDNN_BACKEND_ENGINE_DESCRIPTOR: return engine(call, b);
        case CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR: return plan(call, b);
        case CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR: return variant_pack(call, b);
        default: return CUDNN_STATUS_SUCCESS;
    }
}

} // namespace soft
