package org.alborz.cuda.dnn.graph;

import static jcuda.jcudnn.cudnnBackendAttributeName.CUDNN_ATTR_ENGINECFG_ENGINE;
import static jcuda.jcudnn.cudnnBackendAttributeName.CUDNN_ATTR_ENGINE_GLOBAL_INDEX;
import static jcuda.jcudnn.cudnnBackendAttributeName.CUDNN_ATTR_ENGINE_NUMERICAL_NOTE;
import static jcuda.jcudnn.cudnnBackendAttributeName.CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG;
import static jcuda.jcudnn.cudnnBackendAttributeName.CUDNN_ATTR_EXECUTION_PLAN_HANDLE;
import static jcuda.jcudnn.cudnnBackendAttributeName.CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE;

import java.util.List;
import java.util.stream.IntStream;
import jcuda.jcudnn.cudnnBackendAttributeType;
import jcuda.jcudnn.cudnnBackendDescriptorType;
import jcuda.jcudnn.cudnnBackendNumericalNote;

/** An engine that cuDNN's heuristics name for a graph. Its plan, for which the library may compile a kernel, is made when it is asked for. */
final class GraphEngine implements AutoCloseable {
    private static final int MOST_NOTES = 32;

    private final GraphLibrary library;
    private final BackendDescriptor configuration;
    private final int number;
    private final boolean isDeterministic;
    private BackendDescriptor plan;

    GraphEngine(GraphLibrary library, BackendDescriptor configuration) {
        this.library = library;
        this.configuration = configuration;
        try (BackendDescriptor engine =
                library.descriptor(cudnnBackendDescriptorType.CUDNN_BACKEND_ENGINE_DESCRIPTOR)) {
            configuration.fill(CUDNN_ATTR_ENGINECFG_ENGINE, List.of(engine));
            number = (int) engine.number(CUDNN_ATTR_ENGINE_GLOBAL_INDEX);
            int[] notes = engine.constants(
                    CUDNN_ATTR_ENGINE_NUMERICAL_NOTE, cudnnBackendAttributeType.CUDNN_TYPE_NUMERICAL_NOTE, MOST_NOTES);
            isDeterministic = IntStream.of(notes)
                    .noneMatch(note -> note == cudnnBackendNumericalNote.CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC);
        }
    }

    /** Returns cuDNN's number for it among those of the graph. */
    int number() {
        return number;
    }

    /** Tells whether it gives the same bits each time. */
    boolean isDeterministic() {
        return isDeterministic;
    }

    /** Returns the bytes of scratch memory. */
    long workspace() {
        return plan().number(CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE);
    }

    /** Runs it with the tensors of a variant pack. */
    void execute(BackendDescriptor pack) {
        plan().execute(pack);
    }

    private BackendDescriptor plan() {
        if (plan == null) {
            BackendDescriptor made =
                    library.descriptor(cudnnBackendDescriptorType.CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR);
            try {
                plan = made.handle(CUDNN_ATTR_EXECUTION_PLAN_HANDLE)
                        .descriptors(CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG, configuration)
                        .finish();
            } catch (RuntimeException e) {
                made.close();
                throw e;
            }
        }
        return plan;
    }

    /** Gives its plan up, which is made again when it is asked for. */
    @Override
    public void close() {
        if (plan != null) {
            BackendDescriptor old = plan;
            plan = null;
            old.close();
        }
    }
}
