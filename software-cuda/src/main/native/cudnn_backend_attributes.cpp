// Which attributes the descriptors of the graph API have, as NVIDIA's reference lists them.
#include "cudnn_backend.h"

namespace soft {

namespace {

constexpr long kMany = 1L << 20;

#define SETTABLE(name, type, least, most) {name, #name, type, least, most, true, true}
#define OPTIONAL(name, type, least, most) {name, #name, type, least, most, false, true}
#define READABLE(name, type, most) {name, #name, type, 0, most, false, false}
#define REFERENCE(name, kind) {name, #name, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, 1, true, true, kind}
#define MAYBE_REFERENCE(name, kind) {name, #name, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, 1, false, true, kind}

constexpr int kTensor = CUDNN_BACKEND_TENSOR_DESCRIPTOR;
constexpr int kGraph = CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR;

const std::map<int, std::vector<Attribute>>& table() {
    static const std::map<int, std::vector<Attribute>> all = {
            {CUDNN_BACKEND_TENSOR_DESCRIPTOR,
                    {
                            SETTABLE(CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, CUDNN_TYPE_INT64, 1, 1),
                            SETTABLE(CUDNN_ATTR_TENSOR_DATA_TYPE, CUDNN_TYPE_DATA_TYPE, 1, 1),
                            SETTABLE(CUDNN_ATTR_TENSOR_DIMENSIONS, CUDNN_TYPE_INT64, 3, 8),
                            SETTABLE(CUDNN_ATTR_TENSOR_STRIDES, CUDNN_TYPE_INT64, 3, 8),
                            SETTABLE(CUDNN_ATTR_TENSOR_UNIQUE_ID, CUDNN_TYPE_INT64, 1, 1),
                            OPTIONAL(CUDNN_ATTR_TENSOR_IS_VIRTUAL, CUDNN_TYPE_BOOLEAN, 1, 1),
                    }},
            {CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR,
                    {
                            SETTABLE(CUDNN_ATTR_CONVOLUTION_COMP_TYPE, CUDNN_TYPE_DATA_TYPE, 1, 1),
                            SETTABLE(CUDNN_ATTR_CONVOLUTION_CONV_MODE, CUDNN_TYPE_CONVOLUTION_MODE, 1, 1),
                            SETTABLE(CUDNN_ATTR_CONVOLUTION_DILATIONS, CUDNN_TYPE_INT64, 1, 6),
                            SETTABLE(CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, CUDNN_TYPE_INT64, 1, 6),
                            SETTABLE(CUDNN_ATTR_CONVOLUTION_POST_PADDINGS, CUDNN_TYPE_INT64, 1, 6),
                            SETTABLE(CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, CUDNN_TYPE_INT64, 1, 6),
                            SETTABLE(CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS, CUDNN_TYPE_INT64, 1, 1),
                    }},
            {CUDNN_BACKEND_POINTWISE_DESCRIPTOR,
                    {
                            SETTABLE(CUDNN_ATTR_POINTWISE_MODE, CUDNN_TYPE_POINTWISE_MODE, 1, 1),
                            SETTABLE(CUDNN_ATTR_POINTWISE_MATH_PREC, CUDNN_TYPE_DATA_TYPE, 1, 1),
                            OPTIONAL(CUDNN_ATTR_POINTWISE_NAN_PROPAGATION, CUDNN_TYPE_NAN_PROPOGATION, 1, 1),
                            OPTIONAL(CUDNN_ATTR_POINTWISE_RELU_LOWER_CLIP, CUDNN_TYPE_FLOAT, 1, 1),
                            OPTIONAL(CUDNN_ATTR_POINTWISE_RELU_UPPER_CLIP, CUDNN_TYPE_FLOAT, 1, 1),
                    }},
            {CUDNN_BACKEND_REDUCTION_DESCRIPTOR,
                    {
                            SETTABLE(CUDNN_ATTR_REDUCTION_OPERATOR, CUDNN_TYPE_REDUCTION_OPERATOR_TYPE, 1, 1),
                            SETTABLE(CUDNN_ATTR_REDUCTION_COMP_TYPE, CUDNN_TYPE_DATA_TYPE, 1, 1),
                    }},
            {CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR,
                    {
                            SETTABLE(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA, CUDNN_TYPE_FLOAT, 1, 1),
                            SETTABLE(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA, CUDNN_TYPE_FLOAT, 1, 1),
                            REFERENCE(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC,
                                    CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR),
                            REFERENCE(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W, kTensor),
                            REFERENCE(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X, kTensor),
                            REFERENCE(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y, kTensor),
                    }},
            {CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR,
                    {
                            SETTABLE(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_ALPHA, CUDNN_TYPE_FLOAT, 1, 1),
                            SETTABLE(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_BETA, CUDNN_TYPE_FLOAT, 1, 1),
                            REFERENCE(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_CONV_DESC,
                                    CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR),
                            REFERENCE(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_W, kTensor),
                            REFERENCE(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DX, kTensor),
                            REFERENCE(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DY, kTensor),
                    }},
            {CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR,
                    {
                            REFERENCE(CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR, CUDNN_BACKEND_POINTWISE_DESCRIPTOR),
                            REFERENCE(CUDNN_ATTR_OPERATION_POINTWISE_XDESC, kTensor),
                            MAYBE_REFERENCE(CUDNN_ATTR_OPERATION_POINTWISE_BDESC, kTensor),
                            MAYBE_REFERENCE(CUDNN_ATTR_OPERATION_POINTWISE_YDESC, kTensor),
                            MAYBE_REFERENCE(CUDNN_ATTR_OPERATION_POINTWISE_DXDESC, kTensor),
                            MAYBE_REFERENCE(CUDNN_ATTR_OPERATION_POINTWISE_DYDESC, kTensor),
                            OPTIONAL(CUDNN_ATTR_OPERATION_POINTWISE_ALPHA1, CUDNN_TYPE_FLOAT, 1, 1),
                            OPTIONAL(CUDNN_ATTR_OPERATION_POINTWISE_ALPHA2, CUDNN_TYPE_FLOAT, 1, 1),
                    }},
            {CUDNN_BACKEND_OPERATION_GEN_STATS_DESCRIPTOR,
                    {
                            SETTABLE(CUDNN_ATTR_OPERATION_GENSTATS_MODE, CUDNN_TYPE_GENSTATS_MODE, 1, 1),
                            SETTABLE(CUDNN_ATTR_OPERATION_GENSTATS_MATH_PREC, CUDNN_TYPE_DATA_TYPE, 1, 1),
                            REFERENCE(CUDNN_ATTR_OPERATION_GENSTATS_XDESC, kTensor),
                            REFERENCE(CUDNN_ATTR_OPERATION_GENSTATS_SUMDESC, kTensor),
                            REFERENCE(CUDNN_ATTR_OPERATION_GENSTATS_SQSUMDESC, kTensor),
                    }},
            {CUDNN_BACKEND_OPERATION_REDUCTION_DESCRIPTOR,
                    {
                            REFERENCE(CUDNN_ATTR_OPERATION_REDUCTION_XDESC, kTensor),
                            REFERENCE(CUDNN_ATTR_OPERATION_REDUCTION_YDESC, kTensor),
                            REFERENCE(CUDNN_ATTR_OPERATION_REDUCTION_DESC, CUDNN_BACKEND_REDUCTION_DESCRIPTOR),
                    }},
            {CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR,
                    {
                            SETTABLE(CUDNN_ATTR_OPERATIONGRAPH_HANDLE, CUDNN_TYPE_HANDLE, 1, 1),
                            SETTABLE(CUDNN_ATTR_OPERATIONGRAPH_OPS, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, kMany),
                            READABLE(CUDNN_ATTR_OPERATIONGRAPH_ENGINE_GLOBAL_COUNT, CUDNN_TYPE_INT64, 1),
                    }},
            {CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR,
                    {
                            REFERENCE(CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH, kGraph),
                            SETTABLE(CUDNN_ATTR_ENGINEHEUR_MODE, CUDNN_TYPE_HEUR_MODE, 1, 1),
                            READABLE(CUDNN_ATTR_ENGINEHEUR_RESULTS, CUDNN_TYPE_BACKEND_DESCRIPTOR, kMany),
                    }},
            {CUDNN_BACKEND_ENGINE_DESCRIPTOR,
                    {
                            REFERENCE(CUDNN_ATTR_ENGINE_OPERATION_GRAPH, kGraph),
                            SETTABLE(CUDNN_ATTR_ENGINE_GLOBAL_INDEX, CUDNN_TYPE_INT64, 1, 1),
                            READABLE(CUDNN_ATTR_ENGINE_NUMERICAL_NOTE, CUDNN_TYPE_NUMERICAL_NOTE, kMany),
                    }},
            {CUDNN_BACKEND_ENGINECFG_DESCRIPTOR,
                    {REFERENCE(CUDNN_ATTR_ENGINECFG_ENGINE, CUDNN_BACKEND_ENGINE_DESCRIPTOR)}},
            {CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR,
                    {
                            SETTABLE(CUDNN_ATTR_EXECUTION_PLAN_HANDLE, CUDNN_TYPE_HANDLE, 1, 1),
                            REFERENCE(CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG, CUDNN_BACKEND_ENGINECFG_DESCRIPTOR),
                            READABLE(CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE, CUDNN_TYPE_INT64, 1),
                    }},
            {CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR,
                    {
                            SETTABLE(CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, CUDNN_TYPE_INT64, 0, kMany),
                            SETTABLE(CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, CUDNN_TYPE_VOID_PTR, 0, kMany),
                            OPTIONAL(CUDNN_ATTR_VARIANT_PACK_WORKSPACE, CUDNN_TYPE_VOID_PTR, 1, 1),
                    }},
    };
    return all;
}

} // namespace

const std::vector<Attribute>* attributes_of(int descriptor_type) {
    auto found = table().find(descriptor_type);
    return found == table().end() ? nullptr : &found->second;
}

const Attribute* attribute_of(int descriptor_type, int name) {
    if (const auto* all = attributes_of(descriptor_type))
        for (const Attribute& attribute : *all)
            if (attribute.name == name) return &attribute;
    return nullptr;
}

long size_of_attribute(int type) {
    switch (type) {
        case CUDNN_TYPE_HANDLE:
        case CUDNN_TYPE_VOID_PTR:
        case CUDNN_TYPE_BACKEND_DESCRIPTOR:
        case CUDNN_TYPE_INT64:
        case CUDNN_TYPE_DOUBLE: return 8;
        case CUDNN_TYPE_BOOLEAN: return 1;
        default: return 4;
    }
}

bool is_operation(int descriptor_type) {
    return descriptor_type == CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR
            || descriptor_type == CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR
            || descriptor_type == CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR
            || descriptor_type == CUDNN_BACKEND_OPERATION_GEN_STATS_DESCRIPTOR
            || descriptor_type == CUDNN_BACKEND_OPERATION_REDUCTION_DESCRIPTOR;
}

} // namespace soft
