package org.alborz.monitor;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.alborz.data.BatchIterator;
import org.alborz.graph.Graph;
import org.alborz.graph.Step;
import org.alborz.nn.BatchTensors;
import org.alborz.nn.Pass;
import org.alborz.notice.Warnings;
import org.alborz.ops.Applied;
import org.alborz.ops.Observation;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.train.Batches;
import org.alborz.train.Trainer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An evaluation pass on some samples of the training data, written down.
 *
 * @param values of the result of each step of the graph, where asked for; null for views, integers and what is not computed
 */
record TracedForward(Graph graph, List<float[]> values) {
    private static final Logger log = LoggerFactory.getLogger(TracedForward.class);

    /** So many samples show how activations are distributed. */
    private static final int MOST_SAMPLES = 16;

    /** Returns the graph of the pass, or nothing, with a warning, where the objective has no output. */
    static Optional<TracedForward> graph(Trainer trainer) {
        return of(trainer, false);
    }

    /** Hands over what each operation of the pass computes, under its name in the graph. */
    static void activations(Trainer trainer, BiConsumer<String, float[]> each) {
        of(trainer, true).ifPresent(traced -> {
            List<String> names = new GraphNames(traced.graph()).steps();
            for (int i = 0; i < names.size(); i++) {
                if (traced.values().get(i) != null) {
                    each.accept(names.get(i), traced.values().get(i));
                }
            }
        });
    }

    private static Optional<TracedForward> of(Trainer trainer, boolean keepingValues) {
        Session session = trainer.model().session();
        try (Scope scope = session.scope("traced forward");
                BatchIterator batches = trainer.loader().epoch(0)) {
            BatchTensors batch = some(Batches.upload(session, batches.next()));
            Tensor[] inputs = new Tensor[batch.fields()];
            for (int i = 0; i < inputs.length; i++) {
                inputs[i] = batch.get(i).named(batch.names().get(i));
            }
            List<float[]> values = new ArrayList<>();
            Graph graph = Graph.trace(
                    trainer.model(),
                    () -> {
                        try (Observation observation =
                                session.observe(applied -> values.add(keepingValues ? valuesOf(applied) : null))) {
                            return trainer.objective().output(batch, Pass.evaluation());
                        }
                    },
                    inputs);
            return Optional.of(new TracedForward(graph, visible(graph, values)));
        } catch (IllegalArgumentException | UnsupportedOperationException e) {
            Warnings.warn(
                    log,
                    "TensorBoard shows neither the graph nor activations, since the objective has no output that can be computed: "
                            + e.getMessage() + ". Put one as BatchTensors.OUTPUT, or set writeGraph(false)");
            return Optional.empty();
        }
    }

    private static float[] valuesOf(Applied applied) {
        Tensor result = applied.results().get(0);
        return result.dtype().isFloating() ? result.toFloats() : null;
    }

    /** Returns the values without those of views and of what is overwritten. */
    private static List<float[]> visible(Graph graph, List<float[]> values) {
        List<float[]> visible = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            visible.add(graph.steps().get(i).effect() == Step.Effect.MAKES ? values.get(i) : null);
        }
        return visible;
    }

    /** Returns the first samples of a batch whose fields have them along their first axes. */
    private static BatchTensors some(BatchTensors batch) {
        int samples = Math.min(MOST_SAMPLES, batch.size());
        BatchTensors some = new BatchTensors(samples);
        for (int i = 0; i < batch.fields(); i++) {
            Tensor field = batch.get(i);
            if (field.shape().rank() == 0 || field.shape().size(0) != batch.size()) {
                return batch; // a collation made it otherwise
            }
            some.field(batch.names().get(i), field.narrow(0, 0, samples));
        }
        return some;
    }
}
