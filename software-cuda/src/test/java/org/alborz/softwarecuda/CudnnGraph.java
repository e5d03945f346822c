package org.alborz.softwarecuda;

import static jcuda.driver.JCudaDriver.cuMemAllocHost;
import static jcuda.driver.JCudaDriver.cuMemFreeHost;
import static jcuda.jcudnn.JCudnn.cudnnBackendCreateDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnBackendDestroyDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnBackendExecute;
import static jcuda.jcudnn.JCudnn.cudnnBackendFinalize;
import static jcuda.jcudnn.JCudnn.cudnnBackendGetAttribute;
import static jcuda.jcudnn.JCudnn.cudnnBackendSetAttribute;
import static jcuda.jcudnn.JCudnn.cudnnCreate;
import static jcuda.jcudnn.JCudnn.cudnnDestroy;
import static jcuda.jcudnn.cudnnBackendAttributeName.*;
import static jcuda.jcudnn.cudnnBackendAttributeType.*;
import static jcuda.jcudnn.cudnnBackendDescriptorType.*;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;
import jcuda.jcudnn.cudnnBackendDescriptor;
import jcuda.jcudnn.cudnnHandle;
import org.alborz.softwarecuda.DeviceArray.Type;

/** cuDNN's graph API: its descriptors made in one call each, and all destroyed together. */
final class CudnnGraph implements AutoCloseable {
    /** CUDNN_HEUR_MODE_A and pointwise modes, which JCudnn does not name. */
    static final int MODE_A = 3;

    static final int IDENTITY = 21;

    private static final int MEMORY = 256;

    private final Handle handle;
    private final List<cudnnBackendDescriptor> made = new ArrayList<>();

    /** What attributes are passed through: JCudnn hands on addresses of native memory, and nothing for Java's arrays. */
    private final Pointer memory = new Pointer();

    private final ByteBuffer bytes;

    /** A library's handle whose address is known. */
    static final class Handle extends cudnnHandle {
        long address() {
            return getNativePointer();
        }
    }

    private static final class Descriptor extends cudnnBackendDescriptor {
        long address() {
            return getNativePointer();
        }
    }

    /** An address in device memory as a number. */
    private static final class Address extends CUdeviceptr {
        Address(CUdeviceptr pointer) {
            super(pointer, 0);
        }

        long value() {
            return getNativePointer() + getByteOffset();
        }
    }

    CudnnGraph() {
        this.handle = new Handle();
        assertThat(cudnnCreate(handle)).isZero();
        assertThat(cuMemAllocHost(memory, MEMORY)).isZero();
        this.bytes = memory.getByteBuffer(0, MEMORY).order(ByteOrder.nativeOrder());
    }

    cudnnBackendDescriptor make(int type) {
        cudnnBackendDescriptor descriptor = new Descriptor();
        assertThat(cudnnBackendCreateDescriptor(type, descriptor)).isZero();
        made.add(descriptor);
        return descriptor;
    }

    int set(cudnnBackendDescriptor to, int name, int type, long... values) {
        bytes.clear();
        for (long value : values) {
            switch (type) {
                case CUDNN_TYPE_INT64, CUDNN_TYPE_VOID_PTR, CUDNN_TYPE_BACKEND_DESCRIPTOR, CUDNN_TYPE_HANDLE ->
                    bytes.putLong(value);
                case CUDNN_TYPE_BOOLEAN -> bytes.put((byte) value);
                case CUDNN_TYPE_FLOAT -> bytes.putFloat(value);
                default -> bytes.putInt((int) value);
            }
        }
        return cudnnBackendSetAttribute(to, name, type, values.length, memory);
    }

    int set(cudnnBackendDescriptor to, int name, cudnnBackendDescriptor... values) {
        return set(to, name, CUDNN_TYPE_BACKEND_DESCRIPTOR, addresses(values));
    }

    private static long[] addresses(cudnnBackendDescriptor... descriptors) {
        return Stream.of(descriptors).mapToLong(d -> ((Descriptor) d).address()).toArray();
    }

    /** Reads into the memory; returns how many elements there are. */
    private int get(cudnnBackendDescriptor from, int name, int type, int most) {
        long[] count = {-1};
        assertThat(cudnnBackendGetAttribute(from, name, type, most, count, memory))
                .isZero();
        return (int) count[0];
    }

    private int fill(cudnnBackendDescriptor from, int name, cudnnBackendDescriptor... created) {
        bytes.clear();
        bytes.asLongBuffer().put(addresses(created));
        return get(from, name, CUDNN_TYPE_BACKEND_DESCRIPTOR, created.length);
    }

    void number(cudnnBackendDescriptor to, int name, int type, long... values) {
        assertThat(set(to, name, type, values)).as("attribute %d", name).isZero();
    }

    void descriptor(cudnnBackendDescriptor to, int name, cudnnBackendDescriptor... values) {
        assertThat(set(to, name, values)).as("attribute %d", name).isZero();
    }

    static cudnnBackendDescriptor finish(cudnnBackendDescriptor descriptor) {
        assertThat(cudnnBackendFinalize(descriptor)).isZero();
        return descriptor;
    }

    /** Makes a tensor stored channels-last. */
    cudnnBackendDescriptor tensor(long id, Type type, boolean isVirtual, long n, long c, long h, long w) {
        cudnnBackendDescriptor tensor = make(CUDNN_BACKEND_TENSOR_DESCRIPTOR);
        number(tensor, CUDNN_ATTR_TENSOR_UNIQUE_ID, CUDNN_TYPE_INT64, id);
        number(tensor, CUDNN_ATTR_TENSOR_DATA_TYPE, CUDNN_TYPE_DATA_TYPE, type.cudnn);
        number(tensor, CUDNN_ATTR_TENSOR_DIMENSIONS, CUDNN_TYPE_INT64, n, c, h, w);
        number(tensor, CUDNN_ATTR_TENSOR_STRIDES, CUDNN_TYPE_INT64, h * w * c, 1, w * c, c);
        number(tensor, CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, CUDNN_TYPE_INT64, 16);
        number(tensor, CUDNN_ATTR_TENSOR_IS_VIRTUAL, CUDNN_TYPE_BOOLEAN, isVirtual ? 1 : 0);
        return finish(tensor);
    }

    cudnnBackendDescriptor windows(ConvolutionShape s) {
        cudnnBackendDescriptor windows = make(CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR);
        number(windows, CUDNN_ATTR_CONVOLUTION_COMP_TYPE, CUDNN_TYPE_DATA_TYPE, Type.FLOAT.cudnn);
        number(windows, CUDNN_ATTR_CONVOLUTION_CONV_MODE, CUDNN_TYPE_CONVOLUTION_MODE, 1);
        number(windows, CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS, CUDNN_TYPE_INT64, 2);
        number(windows, CUDNN_ATTR_CONVOLUTION_DILATIONS, CUDNN_TYPE_INT64, s.dilationH(), s.dilationW());
        number(windows, CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, CUDNN_TYPE_INT64, s.strideH(), s.strideW());
        number(windows, CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, CUDNN_TYPE_INT64, s.padH(), s.padW());
        number(windows, CUDNN_ATTR_CONVOLUTION_POST_PADDINGS, CUDNN_TYPE_INT64, s.padH(), s.padW());
        return finish(windows);
    }

    /** Makes a convolution, or with {@code isGradient} the gradient of its images, whose dx and dy are x and y. */
    cudnnBackendDescriptor convolution(
            boolean isGradient,
            cudnnBackendDescriptor windows,
            cudnnBackendDescriptor x,
            cudnnBackendDescriptor w,
            cudnnBackendDescriptor y) {
        int first = isGradient
                ? CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_ALPHA
                : CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA;
        cudnnBackendDescriptor operation = make(
                isGradient
                        ? CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR
                        : CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR);
        number(operation, first, CUDNN_TYPE_FLOAT, 1);
        number(operation, first + 1, CUDNN_TYPE_FLOAT, 0);
        descriptor(operation, first + 2, windows);
        descriptor(operation, first + 3, w);
        descriptor(operation, first + 4, x);
        descriptor(operation, first + 5, y);
        return finish(operation);
    }

    /** Makes {@code y = mode(x, b)}; b is null for a mode of one input. */
    cudnnBackendDescriptor pointwise(
            int mode, cudnnBackendDescriptor x, cudnnBackendDescriptor b, cudnnBackendDescriptor y) {
        cudnnBackendDescriptor settings = make(CUDNN_BACKEND_POINTWISE_DESCRIPTOR);
        number(settings, CUDNN_ATTR_POINTWISE_MODE, CUDNN_TYPE_POINTWISE_MODE, mode);
        number(settings, CUDNN_ATTR_POINTWISE_MATH_PREC, CUDNN_TYPE_DATA_TYPE, Type.FLOAT.cudnn);
        cudnnBackendDescriptor operation = make(CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR);
        descriptor(operation, CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR, finish(settings));
        descriptor(operation, CUDNN_ATTR_OPERATION_POINTWISE_XDESC, x);
        if (b != null) {
            descriptor(operation, CUDNN_ATTR_OPERATION_POINTWISE_BDESC, b);
        }
        descriptor(operation, CUDNN_ATTR_OPERATION_POINTWISE_YDESC, y);
        return finish(operation);
    }

    cudnnBackendDescriptor statistics(
            cudnnBackendDescriptor x, cudnnBackendDescriptor sum, cudnnBackendDescriptor squares) {
        cudnnBackendDescriptor operation = make(CUDNN_BACKEND_OPERATION_GEN_STATS_DESCRIPTOR);
        number(operation, CUDNN_ATTR_OPERATION_GENSTATS_MODE, CUDNN_TYPE_GENSTATS_MODE, 0);
        number(operation, CUDNN_ATTR_OPERATION_GENSTATS_MATH_PREC, CUDNN_TYPE_DATA_TYPE, Type.FLOAT.cudnn);
        descriptor(operation, CUDNN_ATTR_OPERATION_GENSTATS_XDESC, x);
        descriptor(operation, CUDNN_ATTR_OPERATION_GENSTATS_SUMDESC, sum);
        descriptor(operation, CUDNN_ATTR_OPERATION_GENSTATS_SQSUMDESC, squares);
        return finish(operation);
    }

    cudnnBackendDescriptor reduction(cudnnBackendDescriptor x, cudnnBackendDescriptor y) {
        cudnnBackendDescriptor settings = make(CUDNN_BACKEND_REDUCTION_DESCRIPTOR);
        number(settings, CUDNN_ATTR_REDUCTION_OPERATOR, CUDNN_TYPE_REDUCTION_OPERATOR_TYPE, 0);
        number(settings, CUDNN_ATTR_REDUCTION_COMP_TYPE, CUDNN_TYPE_DATA_TYPE, Type.FLOAT.cudnn);
        cudnnBackendDescriptor operation = make(CUDNN_BACKEND_OPERATION_REDUCTION_DESCRIPTOR);
        descriptor(operation, CUDNN_ATTR_OPERATION_REDUCTION_DESC, finish(settings));
        descriptor(operation, CUDNN_ATTR_OPERATION_REDUCTION_XDESC, x);
        descriptor(operation, CUDNN_ATTR_OPERATION_REDUCTION_YDESC, y);
        return finish(operation);
    }

    cudnnBackendDescriptor graph(cudnnBackendDescriptor... operations) {
        cudnnBackendDescriptor graph = make(CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR);
        number(graph, CUDNN_ATTR_OPERATIONGRAPH_HANDLE, CUDNN_TYPE_HANDLE, handle.address());
        descriptor(graph, CUDNN_ATTR_OPERATIONGRAPH_OPS, operations);
        return finish(graph);
    }

    /** Makes heuristics that are not finalized. */
    cudnnBackendDescriptor heuristics(cudnnBackendDescriptor graph) {
        cudnnBackendDescriptor heuristics = make(CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR);
        descriptor(heuristics, CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH, graph);
        number(heuristics, CUDNN_ATTR_ENGINEHEUR_MODE, CUDNN_TYPE_HEUR_MODE, MODE_A);
        return heuristics;
    }

    /** Returns the engine configurations that the heuristics name. */
    List<cudnnBackendDescriptor> configurations(cudnnBackendDescriptor graph) {
        cudnnBackendDescriptor heuristics = finish(heuristics(graph));
        cudnnBackendDescriptor[] configurations = new cudnnBackendDescriptor[8];
        for (int i = 0; i < configurations.length; i++) {
            configurations[i] = make(CUDNN_BACKEND_ENGINECFG_DESCRIPTOR);
        }
        return List.of(configurations).subList(0, fill(heuristics, CUDNN_ATTR_ENGINEHEUR_RESULTS, configurations));
    }

    /** Returns the numerical notes of a configuration's engine. */
    int[] notes(cudnnBackendDescriptor configuration) {
        cudnnBackendDescriptor engine = make(CUDNN_BACKEND_ENGINE_DESCRIPTOR);
        assertThat(fill(configuration, CUDNN_ATTR_ENGINECFG_ENGINE, engine)).isEqualTo(1);
        int[] notes = new int[get(engine, CUDNN_ATTR_ENGINE_NUMERICAL_NOTE, CUDNN_TYPE_NUMERICAL_NOTE, 8)];
        bytes.clear();
        bytes.asIntBuffer().get(notes);
        return notes;
    }

    cudnnBackendDescriptor plan(cudnnBackendDescriptor configuration) {
        cudnnBackendDescriptor plan = make(CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR);
        number(plan, CUDNN_ATTR_EXECUTION_PLAN_HANDLE, CUDNN_TYPE_HANDLE, handle.address());
        descriptor(plan, CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG, configuration);
        return finish(plan);
    }

    long workspace(cudnnBackendDescriptor plan) {
        assertThat(get(plan, CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE, CUDNN_TYPE_INT64, 1))
                .isEqualTo(1);
        return bytes.getLong(0);
    }

    /** Runs a plan with the arrays as tensors 1, 2, …; returns the status. */
    int run(cudnnBackendDescriptor plan, DeviceArray workspace, DeviceArray... arrays) {
        long[] ids = new long[arrays.length];
        long[] addresses = new long[arrays.length];
        for (int i = 0; i < arrays.length; i++) {
            ids[i] = i + 1;
            addresses[i] = new Address(arrays[i].pointer).value();
        }
        cudnnBackendDescriptor pack = make(CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR);
        number(pack, CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, CUDNN_TYPE_INT64, ids);
        number(pack, CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, CUDNN_TYPE_VOID_PTR, addresses);
        if (workspace != null) {
            number(
                    pack,
                    CUDNN_ATTR_VARIANT_PACK_WORKSPACE,
                    CUDNN_TYPE_VOID_PTR,
                    new Address(workspace.pointer).value());
        }
        return cudnnBackendExecute(handle, plan, finish(pack));
    }

    @Override
    public void close() {
        made.forEach(descriptor ->
                assertThat(cudnnBackendDestroyDescriptor(descriptor)).isZero());
        assertThat(cuMemFreeHost(memory)).isZero();
        assertThat(cudnnDestroy(handle)).isZero();
    }
}
