package org.alborz.cuda.dnn.graph;

import static jcuda.jcudnn.cudnnBackendAttributeName.CUDNN_ATTR_CONVOLUTION_COMP_TYPE;
import static jcuda.jcudnn.cudnnBackendAttributeName.CUDNN_ATTR_CONVOLUTION_CONV_MODE;
import static jcuda.jcudnn.cudnnBackendAttributeName.CUDNN_ATTR_CONVOLUTION_DILATIONS;
import static jcuda.jcudnn.cudnnBackendAttributeName.CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES;
import static jcuda.jcudnn.cudnnBackendAttributeName.CUDNN_ATTR_CONVOLUTION_POST_PADDINGS;
import static jcuda.jcudnn.cudnnBackendAttributeName.CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS;
import static jcuda.jcudnn.cudnnBackendAttributeName.CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS;
import static jcuda.jcudnn.cudnnBackendAttributeName.CUDNN_ATTR_OPERATIONGRAPH_HANDLE;
import static jcuda.jcudnn.cudnnBackendAttributeName.CUDNN_ATTR_OPERATIONGRAPH_OPS;
import static jcuda.jcudnn.cudnnBackendAttributeName.CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_ALPHA;
import static jcuda.jcudnn.cudnnBackendAttributeName.CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_BETA;
import static jcuda.jcudnn.cudnnBackendAttributeName.CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_CONV_DESC;
import static jcuda.jcudnn.cudnnBackendAttributeName.CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DX;
import static jcuda.jcudnn.cudnnBackendAttributeName.CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DY;
import static jcuda.jcudnn.cudnnBackendAttributeName.CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_W;
import static jcuda.jcudnn.cudnnBackendAttributeName.CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA;
import static jcuda.jcudnn.cudnnBackendAttributeName.CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA;
import static jcuda.jcudnn.cudnnBackendAttributeName.CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC;
import static jcuda.jcudnn.cudnnBackendAttributeName.CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W;
import static jcuda.jcudnn.cudnnBackendAttributeName.CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X;
import static jcuda.jcudnn.cudnnBackendAttributeName.CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y;
import static jcuda.jcudnn.cudnnBackendAttributeName.CUDNN_ATTR_OPERATION_GENSTATS_MATH_PREC;
import static jcuda.jcudnn.cudnnBackendAttributeName.CUDNN_ATTR_OPERATION_GENSTATS_MODE;
import static jcuda.jcudnn.cudnnBackendAttributeName.CUDNN_ATTR_OPERATION_GENSTATS_SQSUMDESC;
import static jcuda.jcudnn.cudnnBackendAttributeName.CUDNN_ATTR_OPERATION_GENSTATS_SUMDESC;
import static jcuda.jcudnn.cudnnBackendAttributeName.CUDNN_ATTR_OPERATION_GENSTATS_XDESC;
import static jcuda.jcudnn.cudnnBackendAttributeName.CUDNN_ATTR_OPERATION_POINTWISE_BDESC;
import static jcuda.jcudnn.cudnnBackendAttributeName.CUDNN_ATTR_OPERATION_POINTWISE_DXDESC;
import static jcuda.jcudnn.cudnnBackendAttributeName.CUDNN_ATTR_OPERATION_POINTWISE_DYDESC;
import static jcuda.jcudnn.cudnnBackendAttributeName.CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR;
import static jcuda.jcudnn.cudnnBackendAttributeName.CUDNN_ATTR_OPERATION_POINTWISE_XDESC;
import static jcuda.jcudnn.cudnnBackendAttributeName.CUDNN_ATTR_OPERATION_POINTWISE_YDESC;
import static jcuda.jcudnn.cudnnBackendAttributeName.CUDNN_ATTR_OPERATION_REDUCTION_DESC;
import static jcuda.jcudnn.cudnnBackendAttributeName.CUDNN_ATTR_OPERATION_REDUCTION_XDESC;
import static jcuda.jcudnn.cudnnBackendAttributeName.CUDNN_ATTR_OPERATION_REDUCTION_YDESC;
import static jcuda.jcudnn.cudnnBackendAttributeName.CUDNN_ATTR_POINTWISE_MATH_PREC;
import static jcuda.jcudnn.cudnnBackendAttributeName.CUDNN_ATTR_POINTWISE_MODE;
import static jcuda.jcudnn.cudnnBackendAttributeName.CUDNN_ATTR_POINTWISE_NAN_PROPAGATION;
import static jcuda.jcudnn.cudnnBackendAttributeName.CUDNN_ATTR_POINTWISE_RELU_LOWER_CLIP;
import static jcuda.jcudnn.cudnnBackendAttributeName.CUDNN_ATTR_POINTWISE_RELU_UPPER_CLIP;
import static jcuda.jcudnn.cudnnBackendAttributeName.CUDNN_ATTR_REDUCTION_COMP_TYPE;
import static jcuda.jcudnn.cudnnBackendAttributeName.CUDNN_ATTR_REDUCTION_OPERATOR;
import static jcuda.jcudnn.cudnnBackendAttributeName.CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT;
import static jcuda.jcudnn.cudnnBackendAttributeName.CUDNN_ATTR_TENSOR_DATA_TYPE;
import static jcuda.jcudnn.cudnnBackendAttributeName.CUDNN_ATTR_TENSOR_DIMENSIONS;
import static jcuda.jcudnn.cudnnBackendAttributeName.CUDNN_ATTR_TENSOR_IS_VIRTUAL;
import static jcuda.jcudnn.cudnnBackendAttributeName.CUDNN_ATTR_TENSOR_STRIDES;
import static jcuda.jcudnn.cudnnBackendAttributeName.CUDNN_ATTR_TENSOR_UNIQUE_ID;
import static jcuda.jcudnn.cudnnBackendAttributeType.CUDNN_TYPE_CONVOLUTION_MODE;
import static jcuda.jcudnn.cudnnBackendAttributeType.CUDNN_TYPE_DATA_TYPE;
import static jcuda.jcudnn.cudnnBackendAttributeType.CUDNN_TYPE_GENSTATS_MODE;
import static jcuda.jcudnn.cudnnBackendAttributeType.CUDNN_TYPE_NAN_PROPOGATION;
import static jcuda.jcudnn.cudnnBackendAttributeType.CUDNN_TYPE_POINTWISE_MODE;
import static jcuda.jcudnn.cudnnBackendAttributeType.CUDNN_TYPE_REDUCTION_OPERATOR_TYPE;
import static jcuda.jcudnn.cudnnBackendDescriptorType.CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR;
import static jcuda.jcudnn.cudnnBackendDescriptorType.CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR;
import static jcuda.jcudnn.cudnnBackendDescriptorType.CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR;
import static jcuda.jcudnn.cudnnBackendDescriptorType.CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR;
import static jcuda.jcudnn.cudnnBackendDescriptorType.CUDNN_BACKEND_OPERATION_GEN_STATS_DESCRIPTOR;
import static jcuda.jcudnn.cudnnBackendDescriptorType.CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR;
import static jcuda.jcudnn.cudnnBackendDescriptorType.CUDNN_BACKEND_OPERATION_REDUCTION_DESCRIPTOR;
import static jcuda.jcudnn.cudnnBackendDescriptorType.CUDNN_BACKEND_POINTWISE_DESCRIPTOR;
import static jcuda.jcudnn.cudnnBackendDescriptorType.CUDNN_BACKEND_REDUCTION_DESCRIPTOR;
import static jcuda.jcudnn.cudnnBackendDescriptorType.CUDNN_BACKEND_TENSOR_DESCRIPTOR;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import jcuda.jcudnn.cudnnConvolutionMode;
import jcuda.jcudnn.cudnnDataType;
import jcuda.jcudnn.cudnnGenStatsMode;
import jcuda.jcudnn.cudnnNanPropagation;
import jcuda.jcudnn.cudnnPointwiseMode;
import jcuda.jcudnn.cudnnReduceTensorOp;
import org.alborz.cuda.dnn.Dnn;
import org.alborz.cuda.driver.Resources;
import org.alborz.type.Conv2dParameters;

/** Makes cuDNN's descriptors of the operations of a graph; the owner closes them. All is computed in float32. */
final class OperationDescriptors {
    /** CUDNN_POINTWISE_IDENTITY, which JCudnn does not name. */
    private static final int IDENTITY = 21;

    private static final int SPATIAL = 2;

    private final GraphLibrary library;
    private final Resources owner;
    private final Map<Long, BackendDescriptor> tensors = new HashMap<>();

    OperationDescriptors(GraphLibrary library, Resources owner) {
        this.library = library;
        this.owner = owner;
    }

    /** Returns the graph of some operations. */
    BackendDescriptor graph(List<GraphOperation> operations) {
        BackendDescriptor[] all = operations.stream().map(this::of).toArray(BackendDescriptor[]::new);
        return make(CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR)
                .handle(CUDNN_ATTR_OPERATIONGRAPH_HANDLE)
                .descriptors(CUDNN_ATTR_OPERATIONGRAPH_OPS, all)
                .finish();
    }

    private BackendDescriptor of(GraphOperation operation) {
        if (operation instanceof GraphOperation.Convolve o) {
            return make(CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR)
                    .number(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA, 1)
                    .number(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA, 0)
                    .descriptors(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC, windows(o.parameters()))
                    .descriptors(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X, tensor(o.x()))
                    .descriptors(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W, tensor(o.w()))
                    .descriptors(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y, tensor(o.y()))
                    .finish();
        } else if (operation instanceof GraphOperation.ConvolveBack o) {
            return make(CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR)
                    .number(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_ALPHA, 1)
                    .number(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_BETA, 0)
                    .descriptors(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_CONV_DESC, windows(o.parameters()))
                    .descriptors(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DY, tensor(o.dy()))
                    .descriptors(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_W, tensor(o.w()))
                    .descriptors(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DX, tensor(o.dx()))
                    .finish();
        } else if (operation instanceof GraphOperation.Multiply o) {
            return pointwise(settings(cudnnPointwiseMode.CUDNN_POINTWISE_MUL).finish(), o.x(), o.y())
                    .descriptors(CUDNN_ATTR_OPERATION_POINTWISE_BDESC, tensor(o.b()))
                    .finish();
        } else if (operation instanceof GraphOperation.Gate o) {
            BackendDescriptor settings = clipped(cudnnPointwiseMode.CUDNN_POINTWISE_RELU_BWD, o.upper());
            return make(CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR)
                    .descriptors(CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR, settings)
                    .descriptors(CUDNN_ATTR_OPERATION_POINTWISE_DYDESC, tensor(o.dy()))
                    .descriptors(CUDNN_ATTR_OPERATION_POINTWISE_XDESC, tensor(o.y()))
                    .descriptors(CUDNN_ATTR_OPERATION_POINTWISE_DXDESC, tensor(o.dx()))
                    .finish();
        } else if (operation instanceof GraphOperation.Sum o) {
            BackendDescriptor settings = make(CUDNN_BACKEND_REDUCTION_DESCRIPTOR)
                    .constant(
                            CUDNN_ATTR_REDUCTION_OPERATOR,
                            CUDNN_TYPE_REDUCTION_OPERATOR_TYPE,
                            cudnnReduceTensorOp.CUDNN_REDUCE_TENSOR_ADD)
                    .constant(CUDNN_ATTR_REDUCTION_COMP_TYPE, CUDNN_TYPE_DATA_TYPE, cudnnDataType.CUDNN_DATA_FLOAT)
                    .finish();
            return make(CUDNN_BACKEND_OPERATION_REDUCTION_DESCRIPTOR)
                    .descriptors(CUDNN_ATTR_OPERATION_REDUCTION_DESC, settings)
                    .descriptors(CUDNN_ATTR_OPERATION_REDUCTION_XDESC, tensor(o.x()))
                    .descriptors(CUDNN_ATTR_OPERATION_REDUCTION_YDESC, tensor(o.sum()))
                    .finish();
        } else if (operation instanceof GraphOperation.Add o) {
            return pointwise(settings(cudnnPointwiseMode.CUDNN_POINTWISE_ADD).finish(), o.x(), o.y())
                    .descriptors(CUDNN_ATTR_OPERATION_POINTWISE_BDESC, tensor(o.b()))
                    .finish();
        } else if (operation instanceof GraphOperation.Rectify o) {
            BackendDescriptor settings = clipped(cudnnPointwiseMode.CUDNN_POINTWISE_RELU_FWD, o.upper());
            return pointwise(settings, o.x(), o.y()).finish();
        } else if (operation instanceof GraphOperation.Convert o) {
            return pointwise(settings(IDENTITY).finish(), o.x(), o.y()).finish();
        } else if (operation instanceof GraphOperation.Statistics o) {
            return make(CUDNN_BACKEND_OPERATION_GEN_STATS_DESCRIPTOR)
                    .constant(
                            CUDNN_ATTR_OPERATION_GENSTATS_MODE,
                            CUDNN_TYPE_GENSTATS_MODE,
                            cudnnGenStatsMode.CUDNN_GENSTATS_SUM_SQSUM)
                    .constant(
                            CUDNN_ATTR_OPERATION_GENSTATS_MATH_PREC,
                            CUDNN_TYPE_DATA_TYPE,
                            cudnnDataType.CUDNN_DATA_FLOAT)
                    .descriptors(CUDNN_ATTR_OPERATION_GENSTATS_XDESC, tensor(o.x()))
                    .descriptors(CUDNN_ATTR_OPERATION_GENSTATS_SUMDESC, tensor(o.sum()))
                    .descriptors(CUDNN_ATTR_OPERATION_GENSTATS_SQSUMDESC, tensor(o.squares()))
                    .finish();
        }
        throw new IllegalArgumentException("No descriptor is known of " + operation);
    }

    /** Returns the settings of a rectifier from 0 to {@code upper}, or of its gradient. */
    private BackendDescriptor clipped(int mode, float upper) {
        return settings(mode)
                .constant(
                        CUDNN_ATTR_POINTWISE_NAN_PROPAGATION,
                        CUDNN_TYPE_NAN_PROPOGATION,
                        cudnnNanPropagation.CUDNN_PROPAGATE_NAN)
                .number(CUDNN_ATTR_POINTWISE_RELU_LOWER_CLIP, 0)
                .number(CUDNN_ATTR_POINTWISE_RELU_UPPER_CLIP, upper)
                .finish();
    }

    private BackendDescriptor settings(int mode) {
        return make(CUDNN_BACKEND_POINTWISE_DESCRIPTOR)
                .constant(CUDNN_ATTR_POINTWISE_MODE, CUDNN_TYPE_POINTWISE_MODE, mode)
                .constant(CUDNN_ATTR_POINTWISE_MATH_PREC, CUDNN_TYPE_DATA_TYPE, cudnnDataType.CUDNN_DATA_FLOAT);
    }

    private BackendDescriptor pointwise(BackendDescriptor settings, GraphTensor x, GraphTensor y) {
        return make(CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR)
                .descriptors(CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR, settings)
                .descriptors(CUDNN_ATTR_OPERATION_POINTWISE_XDESC, tensor(x))
                .descriptors(CUDNN_ATTR_OPERATION_POINTWISE_YDESC, tensor(y));
    }

    private BackendDescriptor windows(Conv2dParameters p) {
        return make(CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR)
                .constant(CUDNN_ATTR_CONVOLUTION_COMP_TYPE, CUDNN_TYPE_DATA_TYPE, cudnnDataType.CUDNN_DATA_FLOAT)
                .constant(
                        CUDNN_ATTR_CONVOLUTION_CONV_MODE,
                        CUDNN_TYPE_CONVOLUTION_MODE,
                        cudnnConvolutionMode.CUDNN_CROSS_CORRELATION)
                .numbers(CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS, SPATIAL)
                .numbers(CUDNN_ATTR_CONVOLUTION_DILATIONS, p.dilationH(), p.dilationW())
                .numbers(CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, p.strideH(), p.strideW())
                .numbers(
                        CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS,
                        p.padding().top(),
                        p.padding().left())
                .numbers(
                        CUDNN_ATTR_CONVOLUTION_POST_PADDINGS,
                        p.padding().bottom(),
                        p.padding().right())
                .finish();
    }

    private BackendDescriptor tensor(GraphTensor tensor) {
        return tensors.computeIfAbsent(
                tensor.id(),
                id -> make(CUDNN_BACKEND_TENSOR_DESCRIPTOR)
                        .numbers(CUDNN_ATTR_TENSOR_UNIQUE_ID, id)
                        .constant(CUDNN_ATTR_TENSOR_DATA_TYPE, CUDNN_TYPE_DATA_TYPE, Dnn.typeOf(tensor.dtype()))
                        .numbers(CUDNN_ATTR_TENSOR_DIMENSIONS, tensor.sizes())
                        .numbers(CUDNN_ATTR_TENSOR_STRIDES, tensor.strides())
                        .numbers(CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, Dnn.ALIGNMENT)
                        .flag(CUDNN_ATTR_TENSOR_IS_VIRTUAL, tensor.isVirtual())
                        .finish());
    }

    private BackendDescriptor make(int type) {
        return owner.add(library.descriptor(type));
    }
}
