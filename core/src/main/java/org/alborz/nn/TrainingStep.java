package org.alborz.nn;

import java.util.List;
import java.util.function.IntConsumer;
import org.alborz.autograd.Tape;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.text.Given;

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
 * <p>Whether the loss is a number is not looked at, as that would wait for the device; look at {@code loss.item()} now and then, which is NaN from
 * the first such step on.
 *
 * <p>Another model may take part without being trained, such as a GAN's discriminator in the step of its generator: {@code
 * discriminator.forward(step.forward(noise), step.pass())} has gradients that go through it, while its own are neither computed nor
 * changed. What a model computes outside of the step, or with a pass of its own, counts as constant.
 */
public final class TrainingStep implements AutoCloseable {
    private final Session session;
    private final List<Model> models;
    private final long seed;
    private final long number;
    private final Scope scope;

    /** Null until {@link #pass} is asked for, as the tape is: a repetition of a captured step has none. */
    private Pass pass;

    private Tape tape;
    private int microBatches = 1;
    private int done;
    private boolean complete;
    private long update;
    private boolean skipped;

    /** Which of the models were changed; null before the first is. */
    private boolean[] updated;

    private boolean closed;

    TrainingStep(List<Model> models, long seed, long number) {
        this.models = models;
        this.session = models.get(0).session();
        this.seed = seed;
        this.number = number;
        this.update = number;
        session.check();
        this.scope = session.scope("training step");
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
        if (pass == null) {
            tape = new Tape(session, scope);
            pass = Pass.training(tape, seed, number);
        }
        return pass;
    }

    /** Computes the model's output, recorded and in training mode; with several models, call {@code model.forward(x, step.pass())}. */
    public Tensor forward(Tensor x) {
        requireOpen();
        requireNotDone("forward");
        requireOneModel("step.forward", "call model.forward(x, step.pass()) of each");
        return models.get(0).forward(x, pass());
    }

    /**
     * Computes the gradients of a loss and puts them into {@link Model#gradients}: 0 for parameters that it does not depend on, and
     * nothing is computed for frozen ones. What the forward pass saved for it is freed.
     *
     * @param loss a scalar that was computed from {@link #forward} or with {@link #pass}
     * @throws IllegalStateException when the step has its gradients already
     * @throws IllegalArgumentException when the loss is not a scalar of this session, or depends on no parameter
     */
    public void backward(Tensor loss) {
        computeGradients(loss);
        if (done == microBatches) {
            complete(number);
        }
    }

    /**
     * Computes the gradients of a loss as {@link #backward} does, for a caller who does more with them before an optimizer uses them, such
     * as to add up those of several steps: they are multiplied by the model's {@link Model#lossScaler loss scale}, if there is one, until
     * {@link #complete}.
     */
    public void computeGradients(Tensor loss) {
        computeGradients(loss, null);
    }

    /**
     * Computes the same, and tells the caller how much of {@link Model#gradients} is done already, so that it can be sent to other processes while
     * the rest is computed. The gradients of the last layers come first.
     *
     * @param progress takes the number of an element: those from it on are written. It decreases from call to call, and the last is 0. Null tells
     *     nobody
     * @throws IllegalStateException when there is a {@code progress} and the step is one of several models
     */
    public void computeGradients(Tensor loss, IntConsumer progress) {
        requireOpen();
        requireNotDone("backward");
        requireLoss(loss);
        if (progress != null) {
            requireOneModel("The progress of gradients", "leave it out, as their gradients are in several tensors");
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
        if (progress != null) {
            tape.gradientsInto(scaled, watched, places, done > 0, new GradientProgress(places, progress));
            if (places.isEmpty()) {
                progress.accept(0);
            }
        } else if (done == 0) {
            tape.gradientsInto(scaled, watched, places);
        } else {
            tape.addGradients(scaled, watched, places);
        }
        done++;
        if (done < microBatches) {
            tape = new Tape(session, scope);
            pass.recordOn(tape);
        }
    }

    private void requireOneModel(String what, String remedy) {
        if (models.size() != 1) {
            throw new IllegalStateException(
                    what + " expects a step of one model, got one of " + models.size() + "; " + remedy);
        }
    }

    private void requireLoss(Tensor loss) {
        if (Given.value(loss, "backward", "a loss").isClosed()) {
            throw new IllegalArgumentException(
                    "backward expects a loss that is open, got one that was closed; the step closes it");
        }
        if (loss.session() != session) {
            throw new IllegalArgumentException("backward expects a loss of the step's own session, got "
                    + loss.describe() + " of another; compute it from step.forward(x)");
        }
        if (!loss.isRecorded() || pass == null) {
            throw new IllegalArgumentException(
                    "backward expects a loss that depends on parameters that learn, got "
                            + loss.describe()
                            + "; compute it from step.forward(x) or with step.pass(), without detach() on the way, and freeze not all of the model");
        }
        if (loss.shape().elements() != 1) {
            throw new IllegalArgumentException("backward expects a loss with one element, got " + loss.describe()
                    + "; reduce it with mean() or sum()");
        }
    }

    /**
     * Says that {@link Model#gradients} holds the gradients of this step: of {@link #computeGradients}, of its captured repetition, or of
     * what the caller made of these. Divides them by the loss scale, if there is one, and finds out whether they are finite.
     *
     * @param update the number of this change of the weights, from 1; another one than that of the step where several steps make a change
     * @throws IllegalStateException when the step has its gradients already
     */
    public void complete(long update) {
        requireOpen();
        begin(update);
        LossScaler scaler = models.get(0).lossScaler();
        skipped = scaler != null && !scaler.unscale();
    }

    /**
     * Says the same where the device finds out alone whether the gradients are finite, so that the step can be captured with what follows: {@link #isSkipped}
     * stays false, and the optimizer is given numbers that leave a skipped step out.
     *
     * @param update the number of this change of the weights, from 1
     * @param choices what the numbers of the optimizer's step are chosen from, as {@link LossScaler#unscale(Tensor, Tensor)} says
     * @param numbers those that are chosen
     * @throws IllegalStateException when the step has its gradients already, or its model has no loss scale
     */
    public void completeOnDevice(long update, Tensor choices, Tensor numbers) {
        requireOpen();
        LossScaler scaler = models.get(0).lossScaler();
        if (scaler == null) {
            throw new IllegalStateException("completeOnDevice expects a model with a loss scale, one of mixed float16,"
                    + " and this one has none; call complete(update)");
        }
        begin(update);
        scaler.unscale(choices, numbers);
    }

    private void begin(long number) {
        if (complete) {
            throw new IllegalStateException("complete was called on training step " + this.number
                    + ", which has its gradients already; begin another step with model.step(seed, number)");
        }
        complete = true;
        update = number;
    }

    /**
     * Scales the gradients of all models of the step down together where their norm is larger than a bound. Call it after {@link #backward}
     * and before the optimizers.
     *
     * @param most a finite number above 0
     * @throws IllegalStateException when the step has no gradients yet, or an optimizer has used them
     */
    public void clipNorm(double most) {
        Given.above0(most, "clipNorm");
        requireClippable("clipNorm");
        Clipping.norm(models, most);
    }

    /** Sets gradients of a larger magnitude than a bound to that, with their sign; otherwise as {@link #clipNorm}. */
    public void clipValue(double most) {
        Given.above0(most, "clipValue");
        requireClippable("clipValue");
        Clipping.value(models, most);
    }

    private void requireClippable(String method) {
        requireOpen();
        requireComplete(method);
        if (updated != null) {
            throw new IllegalStateException(
                    method + " was called after an optimizer used the gradients of training step " + number
                            + "; call it between step.backward(loss) and the optimizer");
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

    /** Returns the number of this change of the weights, from 1, with those that were skipped before it not counted. */
    public long updateNumber() {
        LossScaler scaler = models.get(0).lossScaler();
        return scaler == null ? update : update - scaler.skippedSteps();
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
        int index = models.indexOf(model);
        if (index < 0) {
            throw new IllegalStateException("An optimizer was given the step of another model than the one it serves;"
                    + " call the step of its own model's optimizer, or make one step of both with TrainingStep.of");
        }
        requireComplete("the optimizer");
        if (updated == null) {
            updated = new boolean[models.size()];
        }
        if (updated[index]) {
            throw new IllegalStateException("Training step " + number
                    + " has changed its model already; begin another step with model.step for another change");
        }
        updated[index] = true;
    }

    private void requireComplete(String before) {
        if (complete) {
            return;
        }
        String words = "Training step " + number;
        if (done == 0) {
            words += " has no gradients; call step.backward(loss) before " + before;
        } else if (done < microBatches) {
            words += " has the gradients of " + done + " of " + microBatches
                    + " micro-batches; call step.backward(loss) for each before " + before;
        } else {
            words += " has gradients that are not complete; call step.complete(number) before " + before;
        }
        throw new IllegalStateException(words);
    }

    private void requireNotDone(String method) {
        if (complete || done == microBatches) {
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
