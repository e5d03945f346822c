package org.alborz.cuda.dnn.graph;

import static jcuda.jcudnn.cudnnBackendAttributeName.CUDNN_ATTR_ENGINEHEUR_MODE;
import static jcuda.jcudnn.cudnnBackendAttributeName.CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH;
import static jcuda.jcudnn.cudnnBackendAttributeName.CUDNN_ATTR_ENGINEHEUR_RESULTS;
import static jcuda.jcudnn.cudnnBackendAttributeName.CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS;
import static jcuda.jcudnn.cudnnBackendAttributeName.CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS;
import static jcuda.jcudnn.cudnnBackendAttributeName.CUDNN_ATTR_VARIANT_PACK_WORKSPACE;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import jcuda.jcudnn.cudnnBackendAttributeType;
import jcuda.jcudnn.cudnnBackendDescriptorType;
import org.alborz.cuda.dnn.ConvolutionPlan;
import org.alborz.cuda.dnn.Dnn;
import org.alborz.cuda.driver.Resources;
import org.alborz.cuda.memory.DevicePool;
import org.alborz.cuda.memory.TemporaryBuffer;
import org.alborz.type.DType;

/**
 * A convolution of fixed sizes and what follows it, computed at once by an engine of cuDNN's: the first one that its heuristics name, gives the
 * same bits each time, and needs no more scratch memory than {@link ConvolutionPlan#MOST_WORKSPACE}.
 */
final class GraphPlan implements AutoCloseable {
    /** CUDNN_HEUR_MODE_A, which JCudnn does not name. */
    private static final int HEURISTICS = 3;

    private static final int MOST_CONFIGURATIONS = 16;

    private final GraphLibrary library;
    private final DevicePool pool;
    private final Resources resources = new Resources();
    private final List<GraphEngine> engines;

    /** @throws RefusedGraphException where there is no such engine */
    GraphPlan(GraphLibrary library, DevicePool pool, FusionKey key) {
        this.library = library;
        this.pool = pool;
        try {
            BackendDescriptor graph = new OperationDescriptors(library, resources).graph(ConvolutionGraphs.of(key));
            engines = engines(graph);
            while (!engines.isEmpty() && !engines.get(0).fits()) {
                engines.remove(0);
            }
            if (engines.isEmpty()) {
                throw new RefusedGraphException(
                        "its heuristics name no engine for it that gives the same bits each time with at most "
                                + (ConvolutionPlan.MOST_WORKSPACE >> 20) + " MiB of workspace",
                        true);
            }
        } catch (RuntimeException | Error e) {
            resources.closeAfter(e);
            throw e;
        }
    }

    private List<GraphEngine> engines(BackendDescriptor graph) {
        BackendDescriptor heuristics = resources
                .add(library.descriptor(cudnnBackendDescriptorType.CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR))
                .descriptors(CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH, graph)
                .constant(CUDNN_ATTR_ENGINEHEUR_MODE, cudnnBackendAttributeType.CUDNN_TYPE_HEUR_MODE, HEURISTICS)
                .finish();
        List<BackendDescriptor> configurations = new ArrayList<>();
        for (int i = 0; i < MOST_CONFIGURATIONS; i++) {
            configurations.add(
                    resources.add(library.descriptor(cudnnBackendDescriptorType.CUDNN_BACKEND_ENGINECFG_DESCRIPTOR)));
        }
        int count = heuristics.fill(CUDNN_ATTR_ENGINEHEUR_RESULTS, configurations);
        List<GraphEngine> usable = new ArrayList<>();
        for (BackendDescriptor configuration : configurations.subList(0, count)) {
            GraphEngine engine = resources.add(new GraphEngine(library, configuration));
            boolean isNew = usable.stream().noneMatch(other -> other.number() == engine.number());
            if (isNew && engine.isDeterministic()) {
                usable.add(engine);
            }
        }
        return usable;
    }

    /** Returns the engines, the one that runs first. */
    List<GraphEngine> engines() {
        return engines;
    }

    /** Puts an engine first. */
    void putFirst(GraphEngine engine) {
        engines.remove(engine);
        engines.add(0, engine);
    }

    /**
     * Runs the first engine.
     *
     * @param memory the address of each tensor, all multiples of {@link GraphTensor#ALIGNMENT}
     * @return whether it was run; false where the engine refuses
     */
    boolean run(Map<Place, Long> memory) {
        return run(engines.get(0), memory);
    }

    boolean run(GraphEngine engine, Map<Place, Long> memory) {
        long bytes = engine.workspace();
        if (bytes == 0) {
            return run(engine, memory, 0);
        }
        try (TemporaryBuffer workspace = pool.borrow(DType.INT32, (bytes + Integer.BYTES - 1) / Integer.BYTES)) {
            return run(engine, memory, workspace.address());
        }
    }

    private boolean run(GraphEngine engine, Map<Place, Long> memory, long workspace) {
        long[] ids = memory.keySet().stream().mapToLong(Place::id).toArray();
        long[] addresses = memory.values().stream().mapToLong(Long::longValue).toArray();
        try (BackendDescriptor pack =
                library.descriptor(cudnnBackendDescriptorType.CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR)) {
            pack.numbers(CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, ids)
                    .addresses(CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, addresses);
            if (workspace != 0) {
                pack.addresses(CUDNN_ATTR_VARIANT_PACK_WORKSPACE, workspace);
            }
            int status = engine.execute(pack.finish());
            if (!Dnn.isNotSupported(status)) {
                Dnn.check(status, "cudnnBackendExecute");
            }
            return status == 0;
        }
    }

    @Override
    public void close() {
        resources.close();
    }
}
