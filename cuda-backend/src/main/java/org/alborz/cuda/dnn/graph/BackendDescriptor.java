package org.alborz.cuda.dnn.graph;

import static jcuda.jcudnn.JCudnn.cudnnBackendCreateDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnBackendDestroyDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnBackendExecute;
import static jcuda.jcudnn.JCudnn.cudnnBackendFinalize;
import static jcuda.jcudnn.JCudnn.cudnnBackendGetAttribute;
import static jcuda.jcudnn.JCudnn.cudnnBackendSetAttribute;

import java.util.List;
import jcuda.jcudnn.cudnnBackendAttributeType;
import jcuda.jcudnn.cudnnBackendDescriptor;
import jcuda.jcudnn.cudnnBackendDescriptorType;
import org.alborz.cuda.dnn.Dnn;

/**
 * A descriptor of cuDNN's graph API: its attributes are set, it is finalized, and then others refer to it. What cuDNN refuses meanwhile is thrown
 * as {@link RefusedGraphException}.
 */
final class BackendDescriptor implements AutoCloseable {
    private final GraphLibrary library;
    private final Handle handle = new Handle();
    private final String name;

    private static final class Handle extends cudnnBackendDescriptor {
        long address() {
            return getNativePointer();
        }
    }

    BackendDescriptor(GraphLibrary library, int type) {
        this.library = library;
        this.name = cudnnBackendDescriptorType.stringFor(type);
        RefusedGraphException.check(
                cudnnBackendCreateDescriptor(type, handle), "cudnnBackendCreateDescriptor of " + name);
    }

    BackendDescriptor numbers(int attribute, long... values) {
        return longs(attribute, cudnnBackendAttributeType.CUDNN_TYPE_INT64, values);
    }

    /** Sets addresses in device memory. */
    BackendDescriptor addresses(int attribute, long... values) {
        return longs(attribute, cudnnBackendAttributeType.CUDNN_TYPE_VOID_PTR, values);
    }

    /** Sets cuDNN's handle. */
    BackendDescriptor handle(int attribute) {
        return longs(
                attribute,
                cudnnBackendAttributeType.CUDNN_TYPE_HANDLE,
                library.dnn().handleAddress());
    }

    /** Sets others, which are finalized. */
    BackendDescriptor descriptors(int attribute, BackendDescriptor... others) {
        return longs(attribute, cudnnBackendAttributeType.CUDNN_TYPE_BACKEND_DESCRIPTOR, addressesOf(List.of(others)));
    }

    private static long[] addressesOf(List<BackendDescriptor> descriptors) {
        return descriptors.stream()
                .mapToLong(descriptor -> descriptor.handle.address())
                .toArray();
    }

    private BackendDescriptor longs(int attribute, int type, long... values) {
        library.bytes().asLongBuffer().put(values);
        return set(attribute, type, values.length);
    }

    /** Sets a constant of one of cuDNN's enums. */
    BackendDescriptor constant(int attribute, int type, int value) {
        library.bytes().putInt(value);
        return set(attribute, type, 1);
    }

    BackendDescriptor number(int attribute, float value) {
        library.bytes().putFloat(value);
        return set(attribute, cudnnBackendAttributeType.CUDNN_TYPE_FLOAT, 1);
    }

    BackendDescriptor flag(int attribute, boolean value) {
        library.bytes().put((byte) (value ? 1 : 0));
        return set(attribute, cudnnBackendAttributeType.CUDNN_TYPE_BOOLEAN, 1);
    }

    private BackendDescriptor set(int attribute, int type, int count) {
        RefusedGraphException.check(
                cudnnBackendSetAttribute(handle, attribute, type, count, library.pointer()),
                "cudnnBackendSetAttribute " + attribute + " of " + name);
        return this;
    }

    BackendDescriptor finish() {
        RefusedGraphException.check(cudnnBackendFinalize(handle), "cudnnBackendFinalize of " + name);
        return this;
    }

    long number(int attribute) {
        get(attribute, cudnnBackendAttributeType.CUDNN_TYPE_INT64, 1);
        return library.bytes().getLong();
    }

    /** Returns constants of one of cuDNN's enums, at most so many. */
    int[] constants(int attribute, int type, int most) {
        int[] values = new int[get(attribute, type, most)];
        library.bytes().asIntBuffer().get(values);
        return values;
    }

    /** Has cuDNN fill in and finalize descriptors that were created, as many as there are; returns how many. */
    int fill(int attribute, List<BackendDescriptor> created) {
        library.bytes().asLongBuffer().put(addressesOf(created));
        return get(attribute, cudnnBackendAttributeType.CUDNN_TYPE_BACKEND_DESCRIPTOR, created.size());
    }

    /** Has cuDNN write an attribute into the library's memory; returns how many elements. */
    private int get(int attribute, int type, int most) {
        long[] count = {0};
        RefusedGraphException.check(
                cudnnBackendGetAttribute(handle, attribute, type, most, count, library.pointer()),
                "cudnnBackendGetAttribute " + attribute + " of " + name);
        return (int) Math.min(count[0], most);
    }

    /** Runs this plan with the tensors of a variant pack. */
    void execute(BackendDescriptor pack) {
        RefusedGraphException.check(
                cudnnBackendExecute(library.dnn().handle(), handle, pack.handle), "cudnnBackendExecute");
    }

    @Override
    public void close() {
        Dnn.check(cudnnBackendDestroyDescriptor(handle), "cudnnBackendDestroyDescriptor of " + name);
    }
}
