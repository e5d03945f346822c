package org.alborz.cuda.dnn.graph;

import java.nio.ByteBuffer;
import jcuda.Pointer;
import org.alborz.cuda.dnn.Dnn;
import org.alborz.cuda.driver.PinnedMemory;

/**
 * cuDNN as its graph API needs it: attributes are passed through native memory, since JCudnn hands on the addresses of pointers alone, and null for
 * Java's arrays.
 */
final class GraphLibrary implements AutoCloseable {
    private static final int BYTES = 512;

    private final Dnn dnn;
    private final PinnedMemory memory;

    GraphLibrary(Dnn dnn) {
        this.dnn = dnn;
        dnn.stream().context().makeCurrent();
        this.memory = new PinnedMemory(BYTES);
    }

    Dnn dnn() {
        return dnn;
    }

    /** Makes a descriptor, one of {@link jcuda.jcudnn.cudnnBackendDescriptorType}. */
    BackendDescriptor descriptor(int type) {
        return new BackendDescriptor(this, type);
    }

    /** Returns the memory's content, from its start on. */
    ByteBuffer bytes() {
        return memory.bytes().clear();
    }

    Pointer pointer() {
        return memory.at(0);
    }

    @Override
    public void close() {
        memory.close();
    }
}
