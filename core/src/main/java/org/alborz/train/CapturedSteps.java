package org.alborz.train;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.alborz.backend.CapturedGraph;
import org.alborz.backend.GraphCapture;
import org.alborz.distributed.CollectiveException;
import org.alborz.nn.BatchTensors;
import org.alborz.nn.Model;
import org.alborz.nn.Pass;
import org.alborz.nn.TrainingStep;
import org.alborz.notice.Warnings;
import org.alborz.tensor.Session;
import org.alborz.type.Shape;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does the device's part of training steps by replaying a captured graph of one, a graph for each size of batch and, where gradients are accumulated, one
 * for the batches before the last of a step; closed with the trainer.
 *
 * <p>The first step of a size runs eagerly, which makes the backend choose its algorithms and fill its pool; the second is captured.
 */
final class CapturedSteps implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(CapturedSteps.class);

    /** Further batch sizes run eagerly: each graph reserves the memory of a whole step. */
    private static final int MOST_SIZES = 2;

    private final Model model;
    private final GraphCapture capture;
    private final long seed;
    private final Work work;

    /** Null where the weights are changed after the graph. */
    private final CapturedOptimizer optimizer;

    private final List<Step> steps = new ArrayList<>();

    /** The model's {@link Model#freezes} that the steps were captured for. */
    private long freezes;

    private boolean refused;
    private boolean saidTooMany;

    /** How many graphs were captured so far. */
    private int graphs;

    /** How a batch is computed. */
    private enum Way {
        EAGERLY,
        CAPTURE,
        REPLAY
    }

    /** What is captured: the forward and backward pass of a step, and the metrics. */
    interface Work {
        /** @param change of the weights, to be called between the gradients and the metrics */
        void compute(BatchTensors batch, TrainingStep step, Runnable change);
    }

    /** A step of one size. */
    private static final class Step {
        private final Shape[] shapes;

        /** Whether the graph changes the weights. */
        private final boolean changes;

        /** Null until the step was captured, as the graph is. */
        private BatchTensors batch;

        private CapturedGraph graph;

        /** The number of the step that was captured, and of its graph. */
        private long number;

        private int graphNumber;

        Step(InputBatch like, boolean changes) {
            this.changes = changes;
            shapes = new Shape[like.fields()];
            for (int i = 0; i < shapes.length; i++) {
                shapes[i] = like.shape(i);
            }
        }

        boolean fits(InputBatch other, boolean change) {
            if (changes != change || shapes.length != other.fields()) {
                return false;
            }
            for (int i = 0; i < shapes.length; i++) {
                if (!shapes[i].equals(other.shape(i))) {
                    return false;
                }
            }
            return true;
        }

        void close() {
            if (graph != null) {
                graph.close();
            }
            for (int i = 0; batch != null && i < shapes.length; i++) {
                batch.get(i).close();
            }
            graph = null;
            batch = null;
        }
    }

    private CapturedSteps(Model model, GraphCapture capture, long seed, Work work, CapturedOptimizer optimizer) {
        this.optimizer = optimizer;
        this.model = model;
        this.capture = capture;
        this.seed = seed;
        this.work = work;
    }

    /**
     * Returns null, and says so, where the backend cannot capture.
     *
     * @param seed of the steps
     * @param optimizer makes what changes the weights in the graph, or null where that is done after it; asked where the backend captures
     */
    static CapturedSteps of(Model model, long seed, Work work, Supplier<CapturedOptimizer> optimizer) {
        var capture = model.session().backend().graphCapture();
        if (capture.isEmpty()) {
            Warnings.warn(
                    log,
                    "The backend " + model.session().backend().name()
                            + " does not capture steps, as graphCapture(true) asks for; they run one operation after the other.");
        }
        return capture.map(c -> new CapturedSteps(model, c, seed, work, optimizer.get()))
                .orElse(null);
    }

    /** Tells whether the weights are changed in the graph of a batch after which they change by an update, which is 0 for none. */
    boolean changesWeights(long update) {
        return optimizer != null && update > 0;
    }

    /**
     * Runs the step, or returns false where it has to run eagerly.
     *
     * @param update the number of the change of the weights, from 1, or 0 where more batches are waited for
     * @param rate the learning rate of that change
     */
    boolean run(InputBatch batch, long number, long update, double rate) {
        boolean changes = changesWeights(update);
        Way way = way(batch, changes);
        if (way == Way.CAPTURE && changes) {
            optimizer.prepare(rate, update);
        }
        if (way == Way.EAGERLY || way == Way.CAPTURE && !capture(find(batch, changes), batch, number)) {
            return false;
        }
        Step step = find(batch, changes);
        batch.write(step.batch);
        long advance = Pass.advance(step.number, number);
        if (changes) {
            optimizer.replay(step.graph, advance, rate, update);
        } else {
            step.graph.replay(advance);
        }
        return true;
    }

    /**
     * Runs the step, whose graph holds exchanges, or returns false where it has to run eagerly; in all ranks alike, as NCCL expects what one captures or
     * replays to be captured or replayed by all.
     */
    boolean run(InputBatch batch, long number, DataParallel ranks) {
        Way way = way(batch, false);
        Step step = find(batch, false);
        boolean alike = ranks.agreeOn(way + (way == Way.REPLAY ? " of graph " + step.graphNumber : ""));
        if (!alike || way == Way.EAGERLY) {
            return false;
        }
        if (way == Way.CAPTURE && !ranks.agreeOn(Boolean.toString(capture(step, batch, number)))) {
            close();
            return false;
        }
        if (step.graph == null) {
            return false; // in no rank
        }
        batch.write(step.batch);
        step.graph.replay(Pass.advance(step.number, number));
        ranks.replayed();
        return true;
    }

    /** Notes the size of a batch where it is new. */
    private Way way(InputBatch batch, boolean changes) {
        if (refused) {
            return Way.EAGERLY;
        }
        if (freezes != model.freezes()) {
            release();
            freezes = model.freezes();
        }
        Step step = find(batch, changes);
        if (step == null) {
            addSize(batch, changes);
            return Way.EAGERLY;
        }
        return step.graph == null ? Way.CAPTURE : Way.REPLAY;
    }

    private Step find(InputBatch batch, boolean changes) {
        for (int i = 0; i < steps.size(); i++) {
            if (steps.get(i).fits(batch, changes)) {
                return steps.get(i);
            }
        }
        return null;
    }

    private void addSize(InputBatch batch, boolean changes) {
        if (steps.stream().filter(step -> step.changes == changes).count() < MOST_SIZES) {
            steps.add(new Step(batch, changes));
        } else if (!saidTooMany) {
            saidTooMany = true;
            Warnings.warn(
                    log,
                    "Steps are captured for the first " + MOST_SIZES + " shapes of a batch; one of " + batch.shape(0)
                            + " runs one operation after the other. Use one batch size, and dropLast(true).");
        }
    }

    private boolean capture(Step step, InputBatch batch, long number) {
        Session session = model.session();
        step.batch = batch.empty(session);
        for (int i = 0; i < step.batch.fields(); i++) {
            model.own(step.batch.get(i));
        }
        model.updateComputed(); // a step whose capture fails runs eagerly
        try {
            step.graph = capture.capture(() -> {
                try (TrainingStep captured = model.step(seed, number)) {
                    work.compute(step.batch, captured, () -> {
                        if (step.changes) {
                            optimizer.update(captured);
                        }
                    });
                }
            });
            step.number = number;
            step.graphNumber = ++graphs;
            log.debug("Captured a training step of {} samples", batch.size());
            return true;
        } catch (CollectiveException e) {
            throw e; // the group has ended, and with it the training
        } catch (RuntimeException e) {
            close();
            Warnings.warn(log, "The training step cannot be captured; steps run one operation after the other: " + e);
            log.debug("Capture failed", e);
            return false;
        }
    }

    /** Gives the graphs' memory back; steps run eagerly from then on. */
    @Override
    public void close() {
        refused = true;
        release();
        if (optimizer != null) {
            optimizer.close();
        }
    }

    private void release() {
        steps.forEach(Step::close);
        steps.clear();
    }
}
