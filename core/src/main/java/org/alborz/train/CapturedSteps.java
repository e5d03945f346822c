package org.alborz.train;

import java.util.HashMap;
import java.util.Map;
import org.alborz.backend.CapturedGraph;
import org.alborz.backend.GraphCapture;
import org.alborz.data.Batch;
import org.alborz.nn.Model;
import org.alborz.nn.Pass;
import org.alborz.notice.Warnings;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does the device's part of training steps by replaying a captured graph of one, a graph for each size of batch; closed with the trainer.
 *
 * <p>The first step of a size runs eagerly, which makes the backend choose its algorithms and fill its pool; the second is captured.
 */
final class CapturedSteps implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(CapturedSteps.class);

    /** Further batch sizes run eagerly: each graph reserves the memory of a whole step. */
    private static final int MOST_SIZES = 2;

    private final Model model;
    private final GraphCapture capture;
    private final Work work;
    private final Map<Shape, Step> steps = new HashMap<>();
    private boolean refused;
    private boolean saidTooMany;

    /** What is captured: the forward and backward pass of a step. */
    interface Work {
        void compute(Tensor inputs, Tensor labels, long number);
    }

    /**
     * A step of one size.
     *
     * @param graph null until it was captured
     * @param number of the step that was captured
     */
    private record Step(Tensor inputs, Tensor labels, CapturedGraph graph, long number) {}

    private CapturedSteps(Model model, GraphCapture capture, Work work) {
        this.model = model;
        this.capture = capture;
        this.work = work;
    }

    /** Returns null, and says so, where the backend cannot capture. */
    static CapturedSteps of(Model model, Work work) {
        var capture = model.session().backend().graphCapture();
        if (capture.isEmpty()) {
            Warnings.warn(
                    log,
                    "The backend " + model.session().backend().name()
                            + " does not capture steps, as graphCapture(true) asks for; they run one operation after the other.");
        }
        return capture.map(c -> new CapturedSteps(model, c, work)).orElse(null);
    }

    /** Runs the step, or returns false where it has to run eagerly. */
    boolean run(Batch batch, long number) {
        if (refused) {
            return false;
        }
        Shape size = batch.shape(0);
        Step step = steps.get(size);
        if (step == null) {
            if (steps.size() < MOST_SIZES) {
                steps.put(size, new Step(null, null, null, number));
            } else if (!saidTooMany) {
                saidTooMany = true;
                Warnings.warn(
                        log,
                        "Steps are captured for the first " + MOST_SIZES + " shapes of a batch; one of " + size
                                + " runs one operation after the other. Use one batch size, and dropLast(true).");
            }
            return false;
        }
        if (step.graph() == null) {
            step = capture(batch, number);
            if (step == null) {
                close();
                return false;
            }
            steps.put(size, step);
        }
        Session session = model.session();
        session.write(batch.floats(0), step.inputs());
        session.write(batch.ints(1), step.labels());
        step.graph().replay(Pass.advance(step.number(), number));
        return true;
    }

    private Step capture(Batch batch, long number) {
        Session session = model.session();
        Tensor inputs = model.own(Batches.emptyInputs(session, batch.layout(0)));
        Tensor labels = model.own(Batches.emptyLabels(session, batch.size()));
        try {
            CapturedGraph graph = capture.capture(() -> work.compute(inputs, labels, number));
            log.debug("Captured a training step of {} samples", batch.size());
            return new Step(inputs, labels, graph, number);
        } catch (RuntimeException e) {
            Warnings.warn(log, "The training step cannot be captured; steps run one operation after the other: " + e);
            log.debug("Capture failed", e);
            inputs.close();
            labels.close();
            return null;
        }
    }

    /** Gives the graphs' memory back; steps run eagerly from then on. */
    @Override
    public void close() {
        refused = true;
        for (Step step : steps.values()) {
            if (step.graph() != null) {
                step.graph().close();
                step.inputs().close();
                step.labels().close();
            }
        }
        steps.clear();
    }
}
