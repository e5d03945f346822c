package org.alborz.train;

import java.util.ArrayList;
import java.util.List;
import jdk.jfr.FlightRecorder;
import org.alborz.autograd.Tape;
import org.alborz.data.Batch;
import org.alborz.data.BatchIterator;
import org.alborz.data.DataLoader;
import org.alborz.data.LoaderDescription;
import org.alborz.metrics.RunningMetrics;
import org.alborz.nn.Loss;
import org.alborz.nn.Model;
import org.alborz.nn.Parameter;
import org.alborz.nn.Pass;
import org.alborz.optim.Optimizer;
import org.alborz.optim.Schedule;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.text.Given;
import org.alborz.text.Quoted;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trains a classifier: for each batch a forward pass, the gradients, and one optimizer step.
 *
 * <p>Where it stands ({@link #step}, {@link #epoch}, {@link #nextBatch}) can be saved and restored at any step, and a run that goes
 * on from there is bit for bit the run that was never stopped. Nothing in a step waits for the device.
 */
public final class Trainer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Trainer.class);

    private final Model model;
    private final Optimizer optimizer;
    private final Loss loss;
    private final Schedule schedule;
    private final long seed;
    private final List<Callback> callbacks;
    private final RunningMetrics metrics;
    private final List<Tensor> watched = new ArrayList<>();
    private final List<Tensor> places = new ArrayList<>();
    private final Rehearsal rehearsal;
    private DataLoader loader;
    private DataLoader validation;
    private boolean closed;
    private boolean fitting;
    private long step;
    private int epoch;
    private int nextBatch;
    private double best = Double.NEGATIVE_INFINITY;
    private volatile String stopReason;
    private LoaderDescription expectedLoader;
    private String expectedValidation;
    private final CapturedSteps captured;

    private Trainer(Builder builder) {
        this.model = builder.model;
        this.optimizer = builder.optimizer;
        this.loss = builder.loss;
        this.schedule = builder.schedule;
        this.seed = builder.seed;
        this.callbacks = List.copyOf(builder.callbacks);
        this.rehearsal = new Rehearsal(model, loss);
        optimizer.attach(model);
        try {
            this.metrics = new RunningMetrics(model);
        } catch (RuntimeException | Error e) {
            optimizer.detach();
            throw e;
        }
        this.captured = builder.graphCapture ? CapturedSteps.of(model, this::computeGradients) : null;
        model.closeWithModel(this);
    }

    /** Starts the description of a trainer of a classifier by cross-entropy; the optimizer is tied to the model. */
    public static Builder classifier(Model model, Optimizer optimizer) {
        return classifier(model, optimizer, Loss.crossEntropy());
    }

    /** Starts the description of a trainer of a classifier; the optimizer is tied to the model. */
    public static Builder classifier(Model model, Optimizer optimizer, Loss loss) {
        return new Builder(model, optimizer, loss);
    }

    /** Trains up to the given number of epochs, counted from the first run of all. */
    public List<EpochResult> fit(DataLoader train, int epochs) {
        return fit(train, null, epochs);
    }

    /**
     * Trains up to the given number of epochs, going on from where this trainer stands.
     *
     * <p>Where the validation fails, its epoch stays trained but not finished: the next call continues with the validation.
     *
     * @param validation evaluated after each epoch, or null
     * @return the results of the epochs that this call finished
     * @throws IllegalArgumentException before the first step, when the model cannot be trained on these data or evaluated on those for
     *     validation, or when they are not those that an unfinished epoch was begun with
     * @throws IllegalStateException when called by a callback of this trainer
     */
    public List<EpochResult> fit(DataLoader train, DataLoader validation, int epochs) {
        requireIdle("fit");
        Given.value(train, "fit", "a data loader");
        if (epochs < 0) {
            throw new IllegalArgumentException("fit expects at least 0 epochs, got " + epochs);
        }
        requireExpected(train);
        rehearsal.require(train);
        if (validation != null) {
            rehearsal.requireValidation(validation);
        }
        if (epoch < epochs) {
            learningRateOf(step + 1);
        }
        warnOfOther(validation);
        loader = train;
        this.validation = validation;
        expectedLoader = null;
        expectedValidation = null;
        stopReason = null;
        List<EpochResult> results = new ArrayList<>();
        fitting = true;
        try {
            callbacks.forEach(callback -> callback.onTrainBegin(this));
            try {
                fitEpochs(train, validation, epochs, results);
            } finally {
                callbacks.forEach(callback -> callback.onTrainEnd(this));
            }
        } finally {
            fitting = false;
        }
        return results;
    }

    private void fitEpochs(DataLoader train, DataLoader validation, int epochs, List<EpochResult> results) {
        while (epoch < epochs && stopReason == null) {
            long start = System.nanoTime();
            long before = metrics.samples();
            runEpoch();
            if (nextBatch < train.batchesPerEpoch()) {
                break;
            }
            results.add(finishEpoch(validation, start, metrics.samples() - before));
        }
        if (stopReason != null) {
            log.info("Training stopped after step {}: {}", step, stopReason);
        }
    }

    private void warnOfOther(DataLoader data) {
        if (expectedValidation != null && !expectedValidation.equals(describe(data))) {
            log.warn(
                    "The run to go on with was validated on {}, and is now on {}: the best result and early stopping compare both.",
                    Quoted.text(expectedValidation, 500),
                    Quoted.text(describe(data), 500));
        }
    }

    private static String describe(DataLoader data) {
        return data == null ? "nothing" : data.description().toString();
    }

    private void requireExpected(DataLoader train) {
        if (expectedLoader != null) {
            expectedLoader.difference(train.description()).ifPresent(difference -> {
                throw new IllegalArgumentException("The run to go on with was trained on other data: " + difference
                        + "; use the same data and loader settings, or start a new run");
            });
        } else if (nextBatch > 0 && loader != null && loader != train) {
            loader.description().difference(train.description()).ifPresent(difference -> {
                throw new IllegalArgumentException(
                        "Epoch " + (epoch + 1) + " stopped after " + nextBatch
                                + " batches of other data: " + difference
                                + "; go on with the same data and loader settings, or begin the epoch again with restartEpoch()");
            });
        }
    }

    /** Begins the running epoch again at its first batch; the steps done in it stay done, its loss and accuracy are forgotten. */
    public void restartEpoch() {
        requireIdle("restartEpoch");
        nextBatch = 0;
        expectedLoader = null;
        metrics.reset();
    }

    /** Refuses what would change a run from within it. */
    private void requireIdle(String method) {
        model.session().check();
        requireUnclosed();
        if (fitting) {
            throw new IllegalStateException(
                    method + " was called while fit of the same trainer runs, such as by a callback;"
                            + " call it when fit has returned, and stop(reason) to end that early");
        }
    }

    private void requireUnclosed() {
        if (closed) {
            throw new IllegalStateException("The trainer was used after it or its model was closed; build another one");
        }
    }

    /**
     * Gives back what training took, such as the optimizer's state and captured steps; the model stays. Closing the model does it as
     * well, so a trainer needs to be closed only where its model goes on without it.
     */
    @Override
    public void close() {
        model.session().requireOwner();
        if (closed) {
            return;
        }
        closed = true;
        model.closed(this);
        try {
            if (captured != null) {
                captured.close();
            }
        } finally {
            metrics.close();
            optimizer.detach();
        }
    }

    private void runEpoch() {
        try (BatchIterator batches = loader.epoch(epoch, nextBatch)) {
            Batch batch = batches.next();
            while (batch != null && stopReason == null) {
                train(batch);
                nextBatch = batches.nextBatch();
                for (int i = 0; i < callbacks.size(); i++) {
                    callbacks.get(i).onStepEnd(this);
                }
                for (int i = 0; i < callbacks.size(); i++) {
                    callbacks.get(i).afterStep(this);
                }
                batch = stopReason == null ? batches.next() : null;
            }
        }
    }

    private EpochResult finishEpoch(DataLoader validation, long start, long samples) {
        double trainLoss = metrics.loss();
        double accuracy = metrics.accuracy();
        double seconds = (System.nanoTime() - start) * 1e-9;
        Evaluation evaluation = validation == null ? null : evaluateEpoch(validation, trainLoss, accuracy);
        epoch++;
        nextBatch = 0;
        metrics.reset();
        EpochResult result = new EpochResult(epoch, trainLoss, accuracy, evaluation, seconds, samples / seconds);
        callbacks.forEach(callback -> callback.onEpochEnd(this, result));
        callbacks.forEach(callback -> callback.afterEpoch(this, result));
        return result;
    }

    private Evaluation evaluateEpoch(DataLoader validation, double trainLoss, double accuracy) {
        try {
            return evaluate(validation);
        } catch (RuntimeException | Error e) {
            log.warn(
                    "Epoch {} is trained (loss {}, accuracy {}), but its validation failed; the next fit goes on with the validation.",
                    epoch + 1,
                    trainLoss,
                    accuracy);
            throw e;
        }
    }

    /**
     * Trains on one batch.
     *
     * @throws IllegalArgumentException before anything changes, when the samples do not fit the model, a label has no output, or the loss
     *     cannot be computed
     * @throws IllegalStateException when called by a callback within {@link #fit}, or when the learning rate is not a finite number
     */
    public void step(Batch batch) {
        requireIdle("step");
        train(Given.value(batch, "step", "a batch"));
    }

    private void train(Batch batch) {
        model.session().check();
        requireUnclosed();
        rehearsal.requireLabels(batch);
        // The JVM starts the recorder as soon as it meets the class of an event, which would hold up the first step.
        StepEvent event = FlightRecorder.isInitialized() ? StepEvent.begun() : null;
        long number = step + 1;
        double rate = learningRateOf(number);
        if (captured == null || !captured.run(batch, number)) {
            runEagerly(batch, number);
        }
        optimizer.step(rate, number);
        metrics.count(batch.size());
        step = number;
        if (event != null) {
            event.commit(number, batch.size());
        }
    }

    private void runEagerly(Batch batch, long number) {
        Session session = model.session();
        try (Scope scope = session.scope("step")) {
            Tensor labels = Batches.labels(session, batch);
            computeGradients(Batches.inputs(session, batch), labels, number);
        }
    }

    /** Does what a step does but for the optimizer; a captured step repeats it. */
    private void computeGradients(Tensor inputs, Tensor labels, long number) {
        Session session = model.session();
        try (Scope scope = session.scope("gradients");
                Tape tape = new Tape(session)) {
            Pass pass = Pass.training(tape, seed, number);
            Tensor logits = model.forward(inputs, pass);
            Tensor mean = Losses.of(loss, logits, labels);
            takeGradients(tape, mean, pass);
            metrics.accumulate(mean, logits, labels);
        }
    }

    private void takeGradients(Tape tape, Tensor mean, Pass pass) {
        watched.clear();
        places.clear();
        List<Parameter> trainable = model.trainable();
        for (int i = 0; i < trainable.size(); i++) {
            Tensor used = pass.used(trainable.get(i));
            if (used == null) {
                model.gradientViews().get(i).fill(0);
            } else {
                watched.add(used);
                places.add(model.gradientViews().get(i));
            }
        }
        tape.gradientsInto(mean, watched, places);
    }

    /** Runs the model in evaluation mode over a loader. */
    public Evaluation evaluate(DataLoader data) {
        model.session().check();
        return Evaluation.of(model, loss, data);
    }

    /** Ends the training after the current step; callbacks may call it, and any thread. */
    public void stop(String reason) {
        stopReason = reason;
    }

    /** Returns why the last training was stopped early, or null. */
    public String stopReason() {
        return stopReason;
    }

    public Model model() {
        return model;
    }

    public Optimizer optimizer() {
        return optimizer;
    }

    public Schedule schedule() {
        return schedule;
    }

    public Loss loss() {
        return loss;
    }

    /** Returns what dropout and the other random numbers of the passes are drawn from. */
    public long seed() {
        return seed;
    }

    /** Returns the callbacks in the order they are called in. */
    public List<Callback> callbacks() {
        return callbacks;
    }

    /** Returns the loss and accuracy of the running epoch. */
    public RunningMetrics metrics() {
        return metrics;
    }

    /** Returns how many steps were done in all. */
    public long step() {
        return step;
    }

    /** Returns how many epochs were finished. */
    public int epoch() {
        return epoch;
    }

    /** Returns the batch of the running epoch that comes next, from 0. */
    public int nextBatch() {
        return nextBatch;
    }

    /** Returns the data it trains on, or null before the first {@link #fit}. */
    public DataLoader loader() {
        return loader;
    }

    /** Returns what decides the batches it trains on or, after a resume, has to go on with; null before the first {@link #fit}. */
    public LoaderDescription loaderDescription() {
        return expectedLoader != null || loader == null ? expectedLoader : loader.description();
    }

    /** Returns the data it is validated on, or null where it is not. */
    public DataLoader validation() {
        return validation;
    }

    /** Returns the validation data in words, {@code nothing} where there are none; after a resume those to go on with. */
    public String validationDescription() {
        return expectedValidation != null ? expectedValidation : describe(validation);
    }

    /** Makes {@link #fit} warn where the validation data are not those of {@link #validationDescription}. */
    public void expectValidation(String description) {
        model.session().requireOwner();
        expectedValidation = description;
    }

    /** Returns the learning rate of the current step. */
    public double learningRate() {
        return learningRateOf(Math.max(1, step));
    }

    private double learningRateOf(long number) {
        double factor = schedule.factor(number);
        if (!(factor >= 0) || Double.isInfinite(factor)) {
            throw new IllegalStateException("A schedule's factor must be finite and at least 0, got " + factor
                    + " for step " + number + " from " + schedule.settings());
        }
        double rate = optimizer.learningRate() * factor;
        if (Double.isInfinite(rate)) {
            throw new IllegalStateException("A learning rate must be finite, got " + optimizer.learningRate()
                    + " times " + factor + " for step " + number + " from " + schedule.settings());
        }
        return rate;
    }

    /** Goes on from a place saved before. */
    public void resumeAt(long savedStep, int savedEpoch, int savedNextBatch) {
        requireIdle("resumeAt");
        if (savedStep < 0 || savedStep == Long.MAX_VALUE || savedEpoch < 0 || savedNextBatch < 0) {
            throw new IllegalArgumentException("resumeAt expects step, epoch and batch of at least 0, and a step after"
                    + " it, got " + savedStep + ", " + savedEpoch + ", " + savedNextBatch);
        }
        step = savedStep;
        epoch = savedEpoch;
        nextBatch = savedNextBatch;
    }

    /** Makes {@link #fit} refuse a loader of another description than this, or take any for null. */
    public void expectLoader(LoaderDescription description) {
        model.session().requireOwner();
        expectedLoader = description;
    }

    /** Returns the best metric so far, as a callback keeps it; −∞ at first. */
    public double best() {
        return best;
    }

    public void best(double metric) {
        model.session().requireOwner();
        best = metric;
    }

    /** Describes a {@link Trainer}. */
    public static final class Builder {
        private final Model model;
        private final Optimizer optimizer;
        private final Loss loss;
        private final List<Callback> callbacks = new ArrayList<>();
        private Schedule schedule = Schedule.constant();
        private long seed;
        private boolean graphCapture;

        private Builder(Model model, Optimizer optimizer, Loss loss) {
            this.model = Given.value(model, "Trainer", "a model");
            this.optimizer = Given.value(optimizer, "Trainer", "an optimizer");
            this.loss = Given.value(loss, "Trainer", "a loss");
        }

        /** Scales the learning rate step by step; constant unless set. */
        public Builder schedule(Schedule value) {
            schedule = Given.value(value, "Trainer", "a schedule");
            return this;
        }

        /** Sets what dropout draws from; 0 unless set. */
        public Builder seed(long value) {
            seed = value;
            return this;
        }

        /**
         * Captures the forward and backward pass of a step once for each batch size, and replays it from then on (a CUDA graph); the
         * results are the same bits. The model's Java code then no longer runs in each step, so it must do the same in all of them.
         * Where the backend cannot capture, or the model does what cannot be captured, the log says so and steps run eagerly. Off unless set.
         */
        public Builder graphCapture(boolean value) {
            graphCapture = value;
            return this;
        }

        /** Adds a callback, called after those added before. */
        public Builder callback(Callback callback) {
            callbacks.add(Given.value(callback, "Trainer", "a callback"));
            return this;
        }

        public Trainer build() {
            return new Trainer(this);
        }
    }
}
