package org.alborz.cuda.dnn.graph;

import static jcuda.jcudnn.cudnnBackendAttributeName.CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS;
import static jcuda.jcudnn.cudnnBackendAttributeName.CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS;
import static jcuda.jcudnn.cudnnBackendAttributeName.CUDNN_ATTR_VARIANT_PACK_WORKSPACE;

import java.util.Map;
import jcuda.jcudnn.cudnnBackendDescriptorType;
import org.alborz.cuda.driver.Resources;
import org.alborz.cuda.memory.DevicePool;
import org.alborz.cuda.memory.TemporaryBuffer;
import org.alborz.type.DType;

/** An engine with its tensors and its scratch memory, to be run once or, for its time, several times. */
final class GraphRun implements AutoCloseable {
    private final Resources resources = new Resources();
    private final GraphEngine engine;
    private final BackendDescriptor pack;

    /**
     * Borrows the scratch memory and makes the variant pack.
     *
     * @param memory the address of each tensor, all multiples of {@link org.alborz.cuda.dnn.Dnn#ALIGNMENT}
     */
    GraphRun(GraphLibrary library, DevicePool pool, GraphEngine engine, Map<Place, Long> memory) {
        this.engine = engine;
        long[] ids = memory.keySet().stream().mapToLong(Place::id).toArray();
        long[] addresses = memory.values().stream().mapToLong(Long::longValue).toArray();
        try {
            pack = resources.add(library.descriptor(cudnnBackendDescriptorType.CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR));
            pack.numbers(CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, ids)
                    .addresses(CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, addresses);
            long bytes = engine.workspace();
            if (bytes > 0) {
                TemporaryBuffer workspace =
                        resources.add(pool.borrow(DType.INT32, (bytes + Integer.BYTES - 1) / Integer.BYTES));
                pack.addresses(CUDNN_ATTR_VARIANT_PACK_WORKSPACE, workspace.address());
            }
            pack.finish();
        } catch (RuntimeException | Error e) {
            resources.closeAfter(e);
            throw e;
        }
    }

    /** @throws RefusedGraphException where the engine refuses */
    void execute() {
        engine.execute(pack);
    }

    @Override
    public void close() {
        resources.close();
    }
}
