package org.alborz.train;

import java.util.HashMap;
import java.util.Map;
import org.alborz.backend.Recorder;
import org.alborz.backend.Recording;
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
 * Does the device's part of training steps by replaying a record of one, a record for each size of batch; closed with the trainer.
 *
 * <p>The first step of a size runs as ever, which makes the backend choose its algorithms and fill its pool; the second is recorded.
 */
final class RecordedSteps implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(RecordedSteps.class);

    /** Sizes beyond these run as ever: each record reserves the memory of a whole step. */
    private static final int MOST_SIZES = 2;

    private final Model model;
    private final Recorder recorder;
    private final Work work;
    private final Map<Shape, Step> steps = new HashMap<>();
    private boolean refused;
    private boolean saidTooMany;

    /** What is recorded: the forward and backward pass of a step. */
    interface Work {
        void compute(Tensor inputs, Tensor labels, long number);
    }

    /**
     * A step of one size.
     *
     * @param recording null until it was recorded
     * @param number of the step that was recorded
     */
    private record Step(Tensor inputs, Tensor labels, Recording recording, long number) {}

    private RecordedSteps(Model model, Recorder recorder, Work work) {
        this.model = model;
        this.recorder = recorder;
        this.work = work;
    }

    /** Returns null, and says so, where the backend cannot record. */
    static RecordedSteps of(Model model, Work work) {
        var recorder = model.session().backend().recorder();
        if (recorder.isEmpty()) {
            Warnings.warn(
                    log,
                    "The backend " + model.session().backend().name()
                            + " does not record steps, as recording(true) asks for; they run one operation after the other.");
        }
        return recorder.map(r -> new RecordedSteps(model, r, work)).orElse(null);
    }

    /** Runs the step, or returns false where it has to run as ever. */
    boolean run(Batch batch, Shape sample, long number) {
        if (refused) {
            return false;
        }
        Shape size = sample.insert(0, batch.size());
        Step step = steps.get(size);
        if (step == null) {
            if (steps.size() < MOST_SIZES) {
                steps.put(size, new Step(null, null, null, number));
            } else if (!saidTooMany) {
                saidTooMany = true;
                Warnings.warn(
                        log,
                        "Steps are recorded for the first " + MOST_SIZES + " shapes of a batch; one of " + size
                                + " runs one operation after the other. Use one batch size, and dropLast(true).");
            }
            return false;
        }
        if (step.recording() == null) {
            step = record(batch, sample, number);
            if (step == null) {
                close();
                return false;
            }
            steps.put(size, step);
        }
        Session session = model.session();
        session.write(batch.inputs(), step.inputs());
        session.write(batch.labels(), step.labels());
        step.recording().replay(Pass.advance(step.number(), number));
        return true;
    }

    private Step record(Batch batch, Shape sample, long number) {
        Session session = model.session();
        Tensor inputs = model.own(Batches.emptyInputs(session, batch.size(), sample));
        Tensor labels = model.own(Batches.emptyLabels(session, batch.size()));
        try {
            Recording recording = recorder.record(() -> work.compute(inputs, labels, number));
            log.debug("Recorded a training step of {} samples", batch.size());
            return new Step(inputs, labels, recording, number);
        } catch (RuntimeException e) {
            Warnings.warn(log, "The training step cannot be recorded; steps run one operation after the other: " + e);
            log.debug("Recording failed", e);
            inputs.close();
            labels.close();
            return null;
        }
    }

    /** Gives the records' memory back; steps run as ever from then on. */
    @Override
    public void close() {
        refused = true;
        for (Step step : steps.values()) {
            if (step.recording() != null) {
                step.recording().close();
                step.inputs().close();
                step.labels().close();
            }
        }
        steps.clear();
    }
}
