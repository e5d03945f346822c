package org.alborz.cuda.dnn.graph;

import static jcuda.jcudnn.cudnnBackendAttributeName.CUDNN_ATTR_ENGINEHEUR_MODE;
import static jcuda.jcudnn.cudnnBackendAttributeName.CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH;
import static jcuda.jcudnn.cudnnBackendAttributeName.CUDNN_ATTR_ENGINEHEUR_RESULTS;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import jcuda.jcudnn.cudnnBackendAttributeType;
import jcuda.jcudnn.cudnnBackendDescriptorType;
import org.alborz.cuda.dnn.ConvolutionPlan;
import org.alborz.cuda.dnn.Stopwatch;
import org.alborz.cuda.driver.Resources;
import org.alborz.cuda.memory.DevicePool;

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
    private final FusionKey key;
    private final Refusals refusals;
    private final List<GraphEngine> engines;

    /** Why an engine was passed over: the last failure or mistake, or else what is not supported. */
    private RefusedGraphException last;

    /** @throws RefusedGraphException where there is no such engine */
    GraphPlan(GraphLibrary library, DevicePool pool, FusionKey key, Refusals refusals) {
        this.library = library;
        this.pool = pool;
        this.key = key;
        this.refusals = refusals;
        try {
            BackendDescriptor graph = new OperationDescriptors(library, resources).graph(ConvolutionGraphs.of(key));
            engines = engines(graph);
            findFirst();
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

    /** Gives up what was made of all engines but the first. */
    void closeOthers() {
        engines.stream().skip(1).forEach(GraphEngine::close);
    }

    /**
     * Tells whether there is a plan of an engine whose scratch memory is within bounds.
     *
     * @return false also where cuDNN refuses to make it, which is logged
     */
    boolean fits(GraphEngine engine) {
        try {
            return engine.workspace() <= ConvolutionPlan.MOST_WORKSPACE;
        } catch (RefusedGraphException e) {
            note(engine, e);
            return false;
        }
    }

    private void note(GraphEngine engine, RefusedGraphException e) {
        refusals.tellOfEngine(key, engine.number(), e);
        last = e.reason() == RefusedGraphException.Reason.UNSUPPORTED && last != null ? last : e;
    }

    /** Takes engines out until the first one fits. */
    private void findFirst() {
        while (!engines.isEmpty() && !fits(engines.get(0))) {
            engines.remove(0).close();
        }
        if (engines.isEmpty()) {
            throw last != null
                    ? last
                    : new RefusedGraphException(
                            "its heuristics name no engine for it that gives the same bits each time with at most "
                                    + (ConvolutionPlan.MOST_WORKSPACE >> 20) + " MiB of workspace",
                            RefusedGraphException.Reason.UNSUPPORTED);
        }
    }

    /**
     * Runs the first engine that does not refuse, and takes those before it out.
     *
     * @param memory the address of each tensor
     * @throws RefusedGraphException where all refuse, and nothing was run
     */
    void run(Map<Place, Long> memory) {
        while (!isRun(memory)) {
            engines.remove(0).close();
            findFirst();
        }
    }

    private boolean isRun(Map<Place, Long> memory) {
        try (GraphRun run = new GraphRun(library, pool, engines.get(0), memory)) {
            run.execute();
            return true;
        } catch (RefusedGraphException e) {
            note(engines.get(0), e);
            return false;
        }
    }

    /**
     * Returns the shortest time in microseconds of some runs of an engine and of what follows it; infinity where it does not fit or refuses.
     *
     * @param rest puts the work on the stream that follows
     */
    double time(GraphEngine engine, Map<Place, Long> memory, Runnable rest) {
        if (!fits(engine)) {
            return Double.POSITIVE_INFINITY;
        }
        try (GraphRun run = new GraphRun(library, pool, engine, memory)) {
            return Stopwatch.microseconds(library.dnn().stream(), () -> {
                run.execute();
                rest.run();
                return true;
            });
        } catch (RefusedGraphException e) {
            note(engine, e);
            return Double.POSITIVE_INFINITY;
        }
    }

    @Override
    public void close() {
        resources.close();
    }
}
