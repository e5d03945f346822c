package org.alborz.nn;

import java.util.ArrayList;
import java.util.List;
import org.alborz.autograd.Tape;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;

/**
 * One step of a training loop: frees what the step made when it is closed, records the forward pass, and puts the gradients where
 * optimizers look for them.
 *
 * <pre>{@code
 * try (TrainingStep step = model.step(seed, number)) {
 *     Tensor loss = criterion.of(step.forward(x), y);
 *     step.backward(loss);
 *     optimizer.step(step);
 * }
 * }</pre>
 *
 * <p>Another model may take part without being trained, such as a GAN's discriminator in the step of its generator: {@code
 * discriminator.forward(step.forward(noise), step.pass())} has gradients that go through it, while its own are neither computed nor
 * changed. What a model computes outside of the step, or with a pass of its own, counts as constant.
 */
public final class TrainingStep implements AutoCloseable {
    private final Session session;
    private final List<Model> models;
    private final long number;
    private final Scope scope;
    private final Pass pass;
    private Tape tape;
    private int microBatches = 1;
    private int done;
    private boolean skipped;
    private List<Model> updated;
    private boolean closed;

    TrainingStep(List<Model> models, long seed, long number) {
        this.models = models;
        this.session = models.get(0).session();
        this.number = number;
        session.check();
        this.scope = session.scope("training step");
        this.tape = new Tape(session, scope);
        this.pass = Pass.training(tape, seed, number);
    }

    /**
     * Begins a step of several models that are trained by one loss, such as an encoder and a decoder with optimizers of their own.
     *
     * @param seed of the run, which dropout draws from
     * @param number of the step, from 1, so that each draws other numbers
     * @throws IllegalArgumentException when they are not of one session, or one is named twice
     */
    public static TrainingStep of(long seed, long number, Model... models) {
        List<Model> all = List.of(models);
        if (all.isEmpty()) {
            throw new IllegalArgumentException("A training step expects at least one model, got none");
        }
        for (Model model : all) {
            if (model.session() != all.get(0).session()) {
                throw new IllegalArgumentException(
                        "A training step expects models of one session; make them in the same");
            }
            if (all.indexOf(model) != all.lastIndexOf(model)) {
                throw new IllegalArgumentException(
                        "A training step expects each model once, got one of " + model.module() + " twice");
            }
            if (all.size() > 1 && model.lossScaler() != null) {
                throw new IllegalArgumentException("A training step of several models expects none of mixed float16,"
                        + " which scales its loss by itself; use Precision.mixed(BFLOAT16), or a step for each model");
            }
        }
        return new TrainingStep(all, seed, number);
    }

    /**
     * Says that the step is made of the given number of micro-batches, each with a {@link #backward} of its own, whose gradients add up. For the
     * gradient of the mean over all of them, divide each loss by their number.
     *
     * @return this step
     */
    public TrainingStep microBatches(int count) {
        requireOpen();
        if (count < 1 || done > 0) {
            throw new IllegalArgumentException(
                    "microBatches expects a number of at least 1 before the first backward, got " + count + " after "
                            + done);
        }
        microBatches = count;
        return this;
    }

    /** Returns the pass that forward methods take; the same for all micro-batches. */
    public Pass pass() {
        requireOpen();
        requireNotDone("pass");
        return pass;
    }

    /** Computes the model's output, recorded and in training mode; with several models, call {@code model.forward(x, step.pass())}. */
    public Tensor forward(Tensor x) {
        requireOpen();
        requireNotDone("forward");
        if (models.size() != 1) {
            throw new IllegalStateException("step.forward expects a step of one model, got one of " + models.size()
                    + "; call model.forward(x, step.pass()) of each");
        }
        return models.get(0).forward(x, pass);
    }

    /**
     * Computes the gradients of a loss and puts them into {@link Model#gradients}: 0 for parameters that it does not depend on, and
     * nothing is computed for frozen ones. What the forward pass saved for it is freed.
     *
     * @param loss a scalar that was computed from {@link #forward} or with {@link #pass}
     * @throws IllegalStateException when the step has its gradients already
     * @throws IllegalArgumentException when the loss is not a scalar, or depends on no parameter
     */
    public void backward(Tensor loss) {
        requireOpen();
        requireNotDone("backward");
        if (!loss.isRecorded()) {
            throw new IllegalArgumentException(
                    "backward expects a loss that depends on parameters that learn, got "
                            + loss.describe()
                            + "; compute it from step.forward(x), without detach() on the way, and freeze not all of the model");
        }
        if (loss.shape().elements() != 1) {
            throw new IllegalArgumentException("backward expects a loss with one element, got " + loss.describe()
                    + "; reduce it with mean() or sum()");
        }
        Model first = models.get(0);
        List<Tensor> watched = first.watched;
        List<Tensor> places = first.places;
        watched.clear();
        places.clear();
        for (int i = 0; i < models.size(); i++) {
            models.get(i).gatherGradients(pass, done > 0, watched, places);
        }
        LossScaler scaler = first.lossScaler();
        Tensor scaled = scaler == null ? loss : scaler.scale(loss);
        if (done == 0) {
            tape.gradientsInto(scaled, watched, places);
        } else {
            tape.addGradients(scaled, watched, places);
        }
        done++;
        skipped = done == microBatches && scaler != null && !scaler.unscale();
        if (done < microBatches) {
            tape = new Tape(session, scope);
            pass.recordOn(tape);
        }
    }

    /** Returns the number of the step, from 1. */
    public long number() {
        return number;
    }

    /** Tells whether optimizers leave this step out, since a gradient in float16 is not finite; see {@link LossScaler}. */
    public boolean isSkipped() {
        return skipped;
    }

    /** Returns the number of this step, from 1, with those that were skipped before it not counted. */
    public long updateNumber() {
        LossScaler scaler = models.get(0).lossScaler();
        return scaler == null ? number : number - scaler.skippedSteps();
    }

    /** Returns the models whose gradients the step computes. */
    public List<Model> models() {
        return models;
    }

    /**
     * Notes that a model is about to be changed by its gradients; optimizers call it.
     *
     * @throws IllegalStateException when its gradients are not there, or an optimizer has used them already
     */
    public void use(Model model) {
        requireOpen();
        if (!models.contains(model)) {
            throw new IllegalStateException("An optimizer was given the step of another model than the one it serves;"
                    + " call the step of its own model's optimizer, or make one step of both with TrainingStep.of");
        }
        if (done < microBatches) {
            throw new IllegalStateException(
                    done == 0
                            ? "Training step " + number
                                    + " has no gradients; call step.backward(loss) before the optimizer"
                            : "Training step " + number + " has the gradients of " + done + " of " + microBatches
                                    + " micro-batches; call step.backward(loss) for each before the optimizer");
        }
        if (updated == null) {
            updated = new ArrayList<>(models.size());
        }
        if (updated.contains(model)) {
            throw new IllegalStateException("Training step " + number
                    + " has changed its model already; begin another step with model.step for another change");
        }
        updated.add(model);
    }

    private void requireNotDone(String method) {
        if (done == microBatches) {
            throw new IllegalStateException(method + " was called after backward on training step " + number
                    + ", whose record is used up. Begin another step with model.step(seed, number); for gradients that add up"
                    + " over several losses, call step.microBatches(n) first, or add the losses");
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException(
                    "Training step " + number + " was used after it was closed; begin another one with model.step");
        }
        session.check();
    }

    /** Frees everything that the step made. */
    @Override
    public void close() {
        if (!closed) {
            scope.close();
            closed = true;
        }
    }
}
