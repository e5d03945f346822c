package org.alborz.train;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import org.alborz.data.Batch;
import org.alborz.data.DataLoader;
import org.alborz.data.LoaderDescription;
import org.alborz.distributed.Collective;
import org.alborz.metrics.Accuracy;
import org.alborz.metrics.Auc;
import org.alborz.metrics.MeanAbsoluteError;
import org.alborz.metrics.Metric;
import org.alborz.metrics.MetricSums;
import org.alborz.metrics.Perplexity;
import org.alborz.metrics.R2;
import org.alborz.metrics.RunningMetrics;
import org.alborz.nn.Architecture;
import org.alborz.nn.BinaryCrossEntropyLoss;
import org.alborz.nn.CrossEntropyLoss;
import org.alborz.nn.Loss;
import org.alborz.nn.Model;
import org.alborz.nn.Parameter;
import org.alborz.nn.TargetKind;
import org.alborz.optim.Optimizer;
import org.alborz.optim.Schedule;
import org.alborz.tensor.Tensor;
import org.alborz.text.Given;

/**
 * Trains a model by an objective: for each batch the loss and its gradients, and for each step an update by the optimizer.
 *
 * <p>Where it stands ({@link #step}, {@link #epoch}, {@link #nextBatch}) can be saved and restored after any batch, and a run that goes
 * on from there is bit for bit the run that was never stopped. Nothing in a step waits for the device, but an
 * eager one where float16's loss is scaled.
 *
 * <p>The file is long because half of it is the builder and what callbacks may ask; the loop is in {@link FitLoop}, a step in {@link BatchTraining}.
 */
public final class Trainer implements AutoCloseable {
    /** The name in {@link #parameterStates} of accumulated gradients, which a loss scale, where there is one, still multiplies. */
    public static final String GRADIENT_SUM = "gradient_sum";

    /** The name in {@link #parameterStates} of the averaged weights. */
    static final String WEIGHT_AVERAGE = "ema";

    private final Model model;
    private final Optimizer optimizer;
    private final TrainerSettings settings;
    private final RunningMetrics metrics;
    private final BatchTraining batchTraining;
    private final Rehearsal rehearsal;

    /** Null where no other ranks take part. */
    private final DataParallel ranks;

    /** The callbacks that this rank calls. */
    private final List<Callback> called;

    private final Position position = new Position();
    private final RunData data = new RunData();

    /** Gives back what callbacks keep of this training. */
    private final List<Runnable> whenClosed = new ArrayList<>();

    private boolean closed;
    private boolean fitting;
    private boolean alike;
    private int epochs;
    private volatile String stopReason;

    private Trainer(Builder builder) {
        this.model = builder.model;
        this.optimizer = builder.optimizer;
        this.settings = builder.settings();
        this.rehearsal = new Rehearsal(model, settings.objective(), settings.metrics());
        optimizer.attach(model);
        try {
            this.metrics = new RunningMetrics(model, settings.metrics());
            this.ranks = DataParallel.of(settings, model, metrics);
            this.called = settings.callbacks().stream()
                    .filter(callback -> rank() == 0 || !callback.rankZeroOnly())
                    .toList();
            this.batchTraining = new BatchTraining(model, optimizer, settings, metrics, ranks);
        } catch (RuntimeException | Error e) {
            optimizer.detach();
            throw e;
        }
        model.closeWithModel(this);
    }

    /** Starts the description of a trainer; the optimizer is tied to the model. */
    public static Builder of(Model model, Optimizer optimizer, Objective objective) {
        return new Builder(model, optimizer, Given.value(objective, "Trainer", "an objective"));
    }

    /** Starts the description of a trainer of a classifier by cross-entropy. */
    public static Builder classifier(Model model, Optimizer optimizer) {
        return classifier(model, optimizer, Loss.crossEntropy());
    }

    /**
     * Starts the description of a trainer of a classifier: field 0 of the data is the model's input and field 1 an int32 class. It measures
     * {@code accuracy}, and in evaluation the confusion matrix.
     */
    public static Builder classifier(Model model, Optimizer optimizer, Loss loss) {
        return supervised(model, optimizer, loss).metrics(new Accuracy()).evaluatedBy(Evaluation::classifierMetrics);
    }

    /**
     * Starts the description of a trainer of a yes-or-no classifier by binary cross-entropy: field 0 of the data is the model's input and
     * field 1 is 0 or 1, of the shape of the output, one logit. It measures {@code accuracy} and {@code auc}.
     */
    public static Builder binaryClassifier(Model model, Optimizer optimizer, BinaryCrossEntropyLoss loss) {
        return supervised(model, optimizer, loss).metrics(new Accuracy(), new Auc());
    }

    /** Starts the description of a trainer by the mean squared error. */
    public static Builder regression(Model model, Optimizer optimizer) {
        return regression(model, optimizer, Loss.mse());
    }

    /**
     * Starts the description of a trainer of numbers: field 0 of the data is the model's input and field 1 a target of the shape of its
     * output. It measures {@code mae} and {@code r2}.
     */
    public static Builder regression(Model model, Optimizer optimizer, Loss loss) {
        return supervised(model, optimizer, loss).metrics(new MeanAbsoluteError(), new R2());
    }

    /**
     * Starts the description of a trainer of a language model: a model that makes logits {@code [N, T, V]} of int32 tokens {@code [N, T]}
     * learns to name each next token, by cross-entropy. Field 0 of the data are the tokens and field 1 the next ones; where they have only
     * one field, it is taken without its last token, and without its first. It measures {@code perplexity}.
     *
     * @param padding the number in the place of a next token that is left out, such as −100; data of one field cannot have it where it is
     *     no token
     */
    public static Builder languageModel(Model model, Optimizer optimizer, int padding) {
        Given.value(model, "Trainer", "a model");
        CrossEntropyLoss loss = Loss.crossEntropy().ignoreIndex(padding);
        return of(model, optimizer, new LanguageModelObjective(model, loss)).metrics(new Perplexity());
    }

    private static Builder supervised(Model model, Optimizer optimizer, Loss loss) {
        Given.value(model, "Trainer", "a model");
        Given.value(optimizer, "Trainer", "an optimizer");
        return of(model, optimizer, Objective.supervised(model, Given.value(loss, "Trainer", "a loss")));
    }

    /** Trains without validation, as {@link #fit(DataLoader, DataLoader, int)} does. */
    public List<EpochResult> fit(DataLoader train, int epochs) {
        return fit(train, null, epochs);
    }

    /**
     * Trains until the run has the given number of epochs in all, going on from where this trainer stands: after a {@code fit} of 3
     * epochs, or resumed from a checkpoint after 3, a {@code fit} of 5 trains 2 more, and one of 3 none.
     *
     * <p>A loss that is NaN or infinite does not end the training: after the first epoch of one a warning says so, and whether the data, the
     * objective or the weights are the cause. {@link TerminateOnNaN} stops for it, within the epoch.
     *
     * <p>Where the validation fails, its epoch stays trained but not finished: the next call continues with the validation.
     *
     * @param validation evaluated after each epoch, or null
     * @param epochs that the run is to have in all, those before this call counted in
     * @return the results of the epochs that this call finished
     * @throws IllegalArgumentException before the first step, when the model cannot be trained on these data or evaluated on those for
     *     validation, a callback monitors what is not measured, or the data are not those that an unfinished epoch was begun with
     * @throws IllegalStateException when called by a callback of this trainer
     */
    public List<EpochResult> fit(DataLoader train, DataLoader validation, int epochs) {
        requireIdle("fit");
        Given.value(train, "fit", "a data loader");
        if (epochs < 0) {
            throw new IllegalArgumentException("fit expects at least 0 epochs, got " + epochs);
        }
        try {
            return fitAll(train, validation, epochs);
        } catch (RuntimeException | Error e) {
            abort(e);
            throw e;
        }
    }

    private List<EpochResult> fitAll(DataLoader train, DataLoader validation, int epochs) {
        called.forEach(callback -> callback.onFitBegin(this));
        data.requireExpected(train, position);
        rehearsal.require(train);
        List<Metric> evaluated = null;
        if (validation != null) {
            evaluated = settings.evaluationMetrics().apply(RunData.namingClasses(train, validation));
            rehearsal.requireValidation(validation, evaluated);
        }
        FitLoop.requireMonitored(callbacks(), settings.metrics(), evaluated);
        if (position.epoch < epochs) {
            learningRateOf(position.step + 1);
        }
        data.begin(train, validation);
        if (ranks != null) {
            Map<String, String> run = new LinkedHashMap<>();
            run.put("number of epochs", Integer.toString(epochs));
            loaderDescription().settings().forEach((name, value) -> run.put("training data: " + name, value));
            run.put("validation data", validationDescription());
            requireAlike(run);
        }
        stopReason = null;
        this.epochs = epochs;
        fitting = true;
        try {
            List<EpochResult> results;
            try (PlacedData placed = place(train, "training data", rehearsal::requireLabels);
                    PlacedData validated =
                            validation == null ? null : place(validation, "validation data", this::requireTargets)) {
                try {
                    results = new FitLoop(this, position, settings.epochLog(), placed, validated, epochs).run();
                } catch (RuntimeException | Error e) {
                    PlacedData.explain(model.session(), e, placed, validated);
                    throw e;
                }
            }
            called.forEach(callback -> callback.onFitEnd(this));
            return results;
        } finally {
            fitting = false;
        }
    }

    /** Decides for a fit where data are read from. */
    private PlacedData place(DataLoader loader, String name, Consumer<Batch> check) {
        int left = Math.max(0, epochs - position.epoch);
        return PlacedData.of(model.session(), loader, settings.dataOnDevice(), name, left, check);
    }

    private void requireTargets(Batch batch) {
        TargetCheck.require(settings.objective(), batch);
    }

    /**
     * Begins the running epoch again at its first batch; the steps done in it stay done, its loss and metrics are forgotten, and so are the
     * gradients of batches that no step was made of yet.
     */
    public void restartEpoch() {
        requireIdle("restartEpoch");
        position.nextBatch = 0;
        position.accumulated = 0;
        batchTraining.dropAccumulated();
        data.expectLoader(null);
        metrics.reset();
    }

    /** Returns how it trains. */
    TrainerSettings described() {
        return settings;
    }

    /** Refuses data that the model cannot be trained on, and a call from within {@link #fit}. */
    void requireTrainable(DataLoader loader) {
        requireIdle("LearningRateFinder");
        swapOutAverage();
        rehearsal.require(loader);
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
     * well, so a trainer needs to be closed only where its model continues without it.
     */
    @Override
    public void close() {
        model.session().requireOwner();
        if (closed) {
            return;
        }
        closed = true;
        model.closed(this);
        try (batchTraining) {
            whenClosed.forEach(Runnable::run);
        } finally {
            metrics.close();
            optimizer.detach();
        }
    }

    /** Has an action done when the trainer is closed. */
    void whenClosed(Runnable action) {
        whenClosed.add(action);
    }

    /**
     * Trains on one batch. With accumulated gradients, each {@code n}th call makes a step. In a group every rank calls it at the same time, each with
     * a batch of its own.
     *
     * @throws IllegalArgumentException before anything changes, when the samples do not fit the model, a label has no output, or the loss
     *     cannot be computed
     * @throws IllegalStateException when called by a callback within {@link #fit}, or when the learning rate is not a finite number
     */
    public void step(Batch batch) {
        requireIdle("step");
        Given.value(batch, "step", "a batch");
        try {
            if (ranks != null && !alike) {
                requireAlike(Map.of());
            }
            train(new InputBatch.OfHost(batch), worldSize(), false);
        } catch (RuntimeException | Error e) {
            abort(e);
            throw e;
        }
    }

    /** Refuses a group whose ranks do not start from the same place. */
    private void requireAlike(Map<String, String> more) {
        Map<String, String> own = new LinkedHashMap<>(more);
        own.put("backend", model.session().backend().name());
        own.put("precision", model.session().backend().precision() + ", " + model.precision());
        own.put("data type", model.session().dtype().toString());
        own.put("architecture", String.join(" ", Architecture.of(model.module())));
        own.put("optimizer", optimizer.name() + " " + optimizer.learningRate() + " " + optimizer.settings());
        own.put("schedule", schedule().settings());
        own.put("objective", objective().settings());
        own.put("seed", Long.toString(seed()));
        own.putAll(settings());
        own.put(
                "callbacks",
                callbacks().stream()
                        .filter(callback -> !callback.rankZeroOnly())
                        .map(callback -> callback.name() + " " + new TreeMap<>(callback.state()))
                        .toList()
                        .toString());
        own.put("gradient buckets", settings.bucketBytes() + " bytes");
        own.put("place in the run", "epoch " + epoch() + ", batch " + nextBatch() + ", step " + step());
        swapOutAverage();
        own.put("weights", RankComparison.digest(List.of(model.values())));
        own.put(
                "states of layers",
                RankComparison.digest(model.parameters().values().stream()
                        .filter(parameter -> !parameter.isTrainable())
                        .map(Parameter::value)
                        .toList()));
        own.put(
                "state of the optimizer",
                RankComparison.digest(optimizer.state().values()) + " "
                        + RankComparison.digest(optimizer.parameterState().values()));
        own.put(
                "averaged weights",
                averagesWeights()
                        ? RankComparison.digest(List.of(batchTraining.average().average()))
                        : "none");
        ranks.requireAlike(own);
        alike = true;
    }

    /** Ends the group, where there is one: a rank that fails leaves the others nothing to wait for. */
    private void abort(Throwable failure) {
        if (ranks != null) {
            ranks.abort(failure);
        }
    }

    /**
     * Does a batch, and a step where it is the last that this waits for.
     *
     * @param batch null where other ranks have one and this one has none
     * @param round how many ranks have one; 1 without a group
     * @param last whether the step waits for no more batches than this one
     * @return whether it did a step
     */
    boolean train(InputBatch batch, int round, boolean last) {
        model.session().check();
        requireUnclosed();
        if (batch instanceof InputBatch.OfHost host) {
            rehearsal.requireLabels(host.batch());
        }
        swapOutAverage();
        Object event = model.session().events().beginStep();
        long number = position.step + 1;
        double rate = learningRateOf(number);
        boolean steps = last || position.accumulated + round >= settings.accumulation();
        if (ranks != null) {
            ranks.beginRound(round);
        }
        batchTraining.run(batch, position.batches + 1 + rank(), steps ? number : 0, rate);
        position.step = steps ? number : position.step;
        int samples = batch == null ? 0 : batch.size();
        metrics.count(samples);
        if (ranks != null) {
            ranks.endRound(rate);
        }
        position.batches += round;
        position.accumulated = steps ? 0 : position.accumulated + round;
        if (event != null) {
            model.session().events().endStep(event, number, samples, rate);
        }
        return steps;
    }

    /**
     * Does a batch of an earlier place once more, for {@link NanSearch}, and moves the place on; where the trainer stands, and what it counts,
     * stays. Whoever calls it puts back what changes.
     */
    void repeat(Batch batch, Position at, boolean last, Objective objective) {
        boolean steps = last || at.accumulated + 1 >= settings.accumulation();
        double rate = learningRateOf(at.step + 1);
        batchTraining.repeat(new InputBatch.OfHost(batch), at.batches + 1, steps ? at.step + 1 : 0, rate, objective);
        at.step += steps ? 1 : 0;
        at.batches++;
        at.nextBatch++;
        at.accumulated = steps ? 0 : at.accumulated + 1;
    }

    /** Returns where it stands. */
    Position position() {
        return position;
    }

    /**
     * Computes the objective and the metrics in evaluation mode over a loader, with the averaged weights where there are any. In a group of ranks it
     * is this one's alone, so that rank 0 may call it by itself.
     */
    public Evaluation evaluate(DataLoader loader) {
        return evaluate(loader, batchesDone -> {});
    }

    /** Does the same, and tells after each batch how many are done. */
    public Evaluation evaluate(DataLoader loader, IntConsumer progress) {
        return evaluate(PlacedData.onHost(Given.value(loader, "Evaluation", "a data loader")), progress, null);
    }

    /** Does the same, with the batches shared among the ranks of a group. */
    Evaluation validate(PlacedData placed, IntConsumer progress) {
        return evaluate(placed, progress, ranks);
    }

    private Evaluation evaluate(PlacedData placed, IntConsumer progress, DataParallel sharing) {
        model.session().check();
        Given.value(progress, "Evaluation", "what to tell of its progress");
        DataLoader naming = RunData.namingClasses(data.loader(), placed.loader());
        Evaluator evaluator = new Evaluator(
                model, settings.objective(), settings.evaluationMetrics().apply(naming), sharing);
        return withAverage(() -> evaluator.run(placed, progress));
    }

    /** Returns how many steps changed the weights: all but those that a loss scale skipped. */
    private long updates() {
        return position.step
                - (model.lossScaler() == null ? 0 : model.lossScaler().skippedSteps());
    }

    <T> T withAverage(Supplier<T> work) {
        WeightAverage average = batchTraining.average();
        return average == null || !average.hasBegun(updates()) ? work.get() : average.inPlaceOfWeights(work);
    }

    /**
     * Computes the outputs for all samples of a loader, in its order, in evaluation mode and with the averaged weights where there are any.
     *
     * @return what the objective puts as {@link org.alborz.nn.BatchTensors#OUTPUT}
     * @throws IllegalArgumentException when the objective has no output, or not one of the same shape for each sample
     */
    public Predictions predict(DataLoader loader) {
        model.session().check();
        Given.value(loader, "predict", "a data loader");
        return withAverage(() -> new Prediction(model, settings.objective(), null).all(loader));
    }

    /**
     * Computes one of several outputs for all samples of a loader, likewise.
     *
     * @param output the name under which the objective puts it; the data have the fields that the objective reads, targets as well
     */
    public Predictions predict(DataLoader loader, String output) {
        model.session().check();
        Given.value(loader, "predict", "a data loader");
        Given.value(output, "predict", "the name of an output");
        return withAverage(() -> new Prediction(model, settings.objective(), output).all(loader));
    }

    /**
     * Computes the outputs batch by batch and hands each over.
     *
     * @param each takes the batch and its output, which are valid during the call
     */
    public void predict(DataLoader loader, BiConsumer<Batch, Tensor> each) {
        model.session().check();
        Given.value(loader, "predict", "a data loader");
        Given.value(each, "predict", "what takes the outputs");
        withAverage(() -> {
            new Prediction(model, settings.objective(), null).run(loader, each);
            return null;
        });
    }

    /**
     * Overwrites the model's weights with their average, such as at the end of training.
     *
     * @throws IllegalStateException when they are not averaged, no step was done yet, or by a callback within {@link #fit}
     */
    public void copyEmaToModel() {
        requireIdle("copyEmaToModel");
        WeightAverage average = batchTraining.average();
        if (average == null || !average.hasBegun(updates())) {
            throw new IllegalStateException(
                    "copyEmaToModel expects an average of the weights of at least one step; build the trainer with"
                            + " ema(decay) or swa(start, every) and train first");
        }
        swapOutAverage();
        model.values().assign(average.average());
    }

    /**
     * Puts the averaged weights in the place of the model's until the next step, or {@link #swapOutAverage}: for what reads the model itself.
     * {@link #evaluate}, {@link #predict} and checkpoints do not need it. Does nothing where there is no average of at least one step yet.
     *
     * @throws IllegalStateException when the weights are not averaged
     */
    public void swapInAverage() {
        model.session().check();
        requireUnclosed();
        WeightAverage average = batchTraining.average();
        if (average == null) {
            throw new IllegalStateException("swapInAverage expects an average of the weights, and there is none;"
                    + " build the trainer with ema(decay) or swa(start, every)");
        }
        if (average.hasBegun(updates())) {
            average.swapIn();
        }
    }

    /** Gives the model its own weights back, the same bits, where {@link #swapInAverage} took their place. */
    public void swapOutAverage() {
        model.session().requireOwner();
        if (batchTraining.average() != null) {
            batchTraining.average().swapOut();
        }
    }

    /** Returns the weights that training continues with: {@link Model#values}, or what {@link #swapInAverage} keeps of them. */
    public Tensor trainedValues() {
        WeightAverage average = batchTraining.average();
        return average == null ? model.values() : average.trained();
    }

    /** Tells whether an average of the weights is kept. */
    public boolean averagesWeights() {
        return batchTraining.average() != null;
    }

    /**
     * Renews the running statistics of all {@link org.alborz.nn.BatchNorm} layers by one pass over a loader, as {@code torch.optim.swa_utils.update_bn} does: they become
     * the mean of the statistics of its batches, computed in training mode with the averaged weights where there are any. Statistics are not
     * averaged with the weights, so that is due after training with {@code swa} or {@code ema} and before {@link #evaluate}. Nothing is learned.
     *
     * @return how many layers were renewed
     * @throws IllegalStateException by a callback within {@link #fit}
     */
    public int updateBatchNorm(DataLoader loader) {
        requireIdle("updateBatchNorm");
        model.session().check();
        Given.value(loader, "updateBatchNorm", "a data loader");
        return withAverage(() -> new BatchNormUpdate(model, settings.objective()).run(loader));
    }

    /** Ends the training after the current batch; callbacks may call it, and any thread. */
    public void stop(String reason) {
        stopReason = reason;
    }

    /** Tells whether the training is to stop; in a group the ranks agree on it, and on the reason. */
    boolean isStopped() {
        if (ranks != null) {
            String reason = ranks.firstReason(stopReason);
            if (reason != null) {
                stopReason = reason;
            }
            return reason != null;
        }
        return stopReason != null;
    }

    /** Returns the number of this process or thread in the group that it trains with; 0 without a {@link Builder#collective}. */
    public int rank() {
        return ranks == null ? 0 : ranks.rank();
    }

    /** Returns how many processes or threads train together; 1 without a {@link Builder#collective}. */
    public int worldSize() {
        return ranks == null ? 1 : ranks.size();
    }

    /**
     * Returns the share of the time in which gradients were exchanged so far that was hidden behind the backward pass: from 0, where this rank
     * waited for all of it, to 1. Time in which an exchange waits for a slower rank counts as time of the exchange. NaN where nothing was exchanged, or
     * only by a {@link org.alborz.distributed.DeviceCollective}.
     */
    public double communicationOverlap() {
        return ranks == null ? Double.NaN : ranks.overlap();
    }

    /** Returns the callbacks that this rank calls. */
    List<Callback> called() {
        return called;
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
        return settings.schedule();
    }

    public Objective objective() {
        return settings.objective();
    }

    /** Returns what dropout and the other random numbers of the passes are drawn from. */
    public long seed() {
        return settings.seed();
    }

    /** Returns the callbacks in the order they are called in. */
    public List<Callback> callbacks() {
        return settings.callbacks();
    }

    /** Returns the loss and metrics of the running epoch. */
    public RunningMetrics metrics() {
        return metrics;
    }

    /** Returns by name what else shapes the steps, in words; a resumed run must have the same. */
    public Map<String, String> settings() {
        Map<String, String> words = new LinkedHashMap<>();
        words.put(
                "metrics",
                settings.metrics().stream().map(Metric::settings).toList().toString());
        words.put("gradient_clipping", settings.clipping().settings());
        words.put("gradient_accumulation", Integer.toString(settings.accumulation()));
        words.put("ema_decay", settings.averaging().settings());
        words.put(
                "sync_batch_norm", ranks != null && settings.syncBatchNorm() ? "of " + worldSize() + " ranks" : "none");
        return words;
    }

    /** Returns by name what training keeps for each parameter beside the optimizer's state, laid out as {@link Model#values}. */
    public Map<String, Tensor> parameterStates() {
        return batchTraining.parameterStates();
    }

    /** Returns by name the sums of the metrics and what else training keeps, to be saved and assigned. */
    public Map<String, Tensor> sums() {
        Map<String, Tensor> sums = new LinkedHashMap<>(batchTraining.sums());
        metrics.sums().forEach((name, sum) -> sums.put("metric." + name, sum));
        return sums;
    }

    /** Returns how many steps the optimizer did in all. */
    public long step() {
        return position.step;
    }

    /** Returns how many batches were done in all: as many as steps unless gradients are accumulated. */
    public long batches() {
        return position.batches;
    }

    /** Returns how many batches were done since the last step; 0 unless gradients are accumulated. */
    public int accumulated() {
        return position.accumulated;
    }

    /** Returns how many batches make a step, those of all ranks together; the last of an epoch may have fewer. */
    public int accumulation() {
        return settings.accumulation();
    }

    /** Returns how many epochs the last {@link #fit}, or the running one, is to have in all; 0 before the first. */
    public int epochs() {
        return epochs;
    }

    /** Returns how many epochs were finished. */
    public int epoch() {
        return position.epoch;
    }

    /** Returns the batch of the running epoch that comes next, from 0; in a group, the first of the next round. */
    public int nextBatch() {
        return position.nextBatch;
    }

    /** Returns the data it trains on, or null before the first {@link #fit}. */
    public DataLoader loader() {
        return data.loader();
    }

    /** Returns what decides the batches it trains on or, after a resume, has to continue; null before the first {@link #fit}. */
    public LoaderDescription loaderDescription() {
        return data.loaderDescription();
    }

    /** Returns the data it is validated on, or null where it is not. */
    public DataLoader validation() {
        return data.validation();
    }

    /** Returns the validation data in words, {@code nothing} where there are none; after a resume those to continue. */
    public String validationDescription() {
        return data.validationDescription();
    }

    /** Makes {@link #fit} warn where the validation data are not those of {@link #validationDescription}. */
    public void expectValidation(String description) {
        model.session().requireOwner();
        data.expectValidation(description);
    }

    /** Returns the learning rate of the current step. */
    public double learningRate() {
        return learningRateOf(Math.max(1, position.step));
    }

    private double learningRateOf(long number) {
        Schedule schedule = settings.schedule();
        double factor = schedule.factor(number);
        if (!(factor >= 0) || Double.isInfinite(factor)) {
            throw new IllegalStateException("A schedule's factor must be finite and at least 0, got " + factor
                    + " for step " + number + " from " + schedule.settings());
        }
        double rate = optimizer.learningRate() * factor * callbackFactor(number);
        if (Double.isInfinite(rate)) {
            throw new IllegalStateException("A learning rate must be finite, got " + optimizer.learningRate()
                    + " times " + factor + " for step " + number + " from " + schedule.settings());
        }
        return rate;
    }

    private double callbackFactor(long number) {
        double product = 1;
        for (int i = 0; i < settings.callbacks().size(); i++) {
            double factor = settings.callbacks().get(i).learningRateFactor();
            if (!(factor >= 0) || Double.isInfinite(factor)) {
                throw new IllegalStateException(
                        "A callback's factor must be finite and at least 0, got " + factor + " for step " + number
                                + " from " + settings.callbacks().get(i).name());
            }
            product *= factor;
        }
        return product;
    }

    /**
     * Goes on from a place saved before: {@link #step}, {@link #batches}, {@link #epoch}, {@link #nextBatch} and {@link #accumulated}.
     */
    public void resumeAt(long step, long batches, int epoch, int nextBatch, int accumulated) {
        requireIdle("resumeAt");
        if (step < 0
                || step == Long.MAX_VALUE
                || batches < step
                || batches == Long.MAX_VALUE
                || epoch < 0
                || nextBatch < 0
                || accumulated < 0
                || accumulated >= settings.accumulation()) {
            throw new IllegalArgumentException("resumeAt expects step, epoch and batch of at least 0, a step after it,"
                    + " at least as many batches as steps, and fewer accumulated batches than "
                    + settings.accumulation() + ", got step " + step + ", batches " + batches + ", epoch " + epoch
                    + ", batch " + nextBatch + ", accumulated " + accumulated);
        }
        if (ranks != null && accumulated > 0) {
            throw new IllegalArgumentException(
                    "A group of ranks goes on after a whole step, and this place is within one, after "
                            + accumulated + " of " + settings.accumulation()
                            + " batches; go on from a checkpoint that was saved by ModelCheckpoint or BackupAndRestore");
        }
        position.step = step;
        position.batches = batches;
        position.epoch = epoch;
        position.nextBatch = nextBatch;
        position.accumulated = accumulated;
    }

    /** Makes {@link #fit} refuse a loader of another description than this, or take any for null. */
    public void expectLoader(LoaderDescription description) {
        model.session().requireOwner();
        data.expectLoader(description);
    }

    /** Describes a {@link Trainer}. */
    public static final class Builder {
        private static final long DEFAULT_BUCKET_BYTES = 4 << 20;

        private final Model model;
        private final Optimizer optimizer;
        private final Objective objective;
        private final List<Metric> metrics = new ArrayList<>();
        private final List<Metric> evaluationMetrics = new ArrayList<>();
        private final List<Callback> callbacks = new ArrayList<>();
        private Function<DataLoader, List<Metric>> preset;
        private Schedule schedule = Schedule.constant();
        private long seed;
        private boolean graphCapture;
        private GradientClipping clipping = GradientClipping.NONE;
        private int accumulation = 1;
        private Averaging averaging = Averaging.NONE;
        private Boolean verbose;
        private Collective collective;
        private boolean syncBatchNorm;
        private long bucketBytes = DEFAULT_BUCKET_BYTES;
        private DataOnDevice dataOnDevice = DataOnDevice.AUTO;

        private Builder(Model model, Optimizer optimizer, Objective objective) {
            this.model = Given.value(model, "Trainer", "a model");
            this.optimizer = Given.value(optimizer, "Trainer", "an optimizer");
            this.objective = objective;
        }

        private Builder evaluatedBy(Function<DataLoader, List<Metric>> metricsOf) {
            preset = metricsOf;
            return this;
        }

        /** Adds metrics, computed on the training data and in evaluation. */
        public Builder metrics(Metric... more) {
            for (Metric metric : Given.value(more, "Trainer", "metrics")) {
                metrics.add(Given.value(metric, "Trainer", "a metric"));
            }
            return this;
        }

        /** Adds metrics that are computed in evaluation only. */
        public Builder evaluationMetrics(Metric... more) {
            for (Metric metric : Given.value(more, "Trainer", "metrics")) {
                evaluationMetrics.add(Given.value(metric, "Trainer", "a metric"));
            }
            return this;
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

        /** Scales all gradients down together where their norm is larger than this; not unless set. */
        public Builder clipNorm(double most) {
            clipping = new GradientClipping(Given.above0(most, "clipNorm"), clipping.value());
            return this;
        }

        /** Sets gradients of a larger magnitude to this, with their sign; not unless set. */
        public Builder clipValue(double most) {
            clipping = new GradientClipping(clipping.norm(), Given.above0(most, "clipValue"));
            return this;
        }

        /**
         * Makes each step of the gradients of the given number of batches, weighted by their samples, or by what the objective puts as
         * {@link org.alborz.nn.BatchTensors#WEIGHT}: for a loss that is a mean they are those of one large batch. The last step of an epoch
         * may have fewer. 1 unless set.
         */
        public Builder gradientAccumulation(int batches) {
            if (batches < 1) {
                throw new IllegalArgumentException("gradientAccumulation expects at least 1 batch, got " + batches);
            }
            accumulation = batches;
            return this;
        }

        /**
         * Keeps an exponential moving average of the weights, {@code decay · average + (1 − decay) · weights} after each step, which
         * {@link #evaluate} uses in their place and checkpoints hold. Running statistics are not averaged. None unless set.
         *
         * @param decay above 0 and below 1, such as 0.999
         */
        public Builder ema(double decay) {
            averaging = Averaging.exponential(decay);
            return this;
        }

        /**
         * Keeps the mean of the weights after every so many steps (stochastic weight averaging, Izmailov et al. 2018), in place of {@link
         * #ema}; it is used and saved as that is, from its first step on. A constant or cyclic learning rate suits it. Statistics of
         * normalisations are those of the latest weights.
         *
         * @param start the first step whose weights are taken, from 1
         * @param every of how many steps from there on one is taken, such as those of an epoch
         */
        public Builder swa(long start, long every) {
            averaging = Averaging.equal(start, every);
            return this;
        }

        /**
         * Captures a step once for each batch size, and replays it from then on (a CUDA graph); the results are the same bits. The model's
         * Java code then no longer runs in each step, so it must do the same in all of them.
         *
         * <p>The graph holds the forward and backward pass, metrics, clipping, the optimizer and the average of the weights, which moves memory in the steps that it takes. Each graph reserves the memory of a whole step; where gradients are accumulated, there is a second for each batch size,
         * for the batches before the last of a step, so that the memory of two steps is reserved. The optimizer's launches and the average come after the graph, and the log says so at INFO, where it is no {@link
         * org.alborz.optim.CapturableOptimizer}, as all of the library are, or is around one that is none, and where gradients are exchanged by several ranks. With float16 the device finds out by itself
         * which steps the loss scale skips; every 32nd step waits for it to learn how many these were.
         *
         * <p>Where the backend cannot capture, or the model does what cannot be captured, the log says so and steps run eagerly. Off unless set.
         */
        public Builder graphCapture(boolean value) {
            graphCapture = value;
            return this;
        }

        /**
         * Says whether a line is logged after each epoch: at INFO, and with {@code true} to standard error where SLF4J has no provider and
         * would drop it; with {@code false} none. Unset, a line at INFO.
         */
        public Builder verbose(boolean value) {
            verbose = value;
            return this;
        }

        /**
         * Trains together with the other ranks of a group (data parallelism): each computes every {@code n}th batch of the same loader, in the order of the
         * ranks, and all make the same steps, of the mean over their gradients weighted by samples. {@code n} ranks so compute the same bits as one
         * process with {@code gradientAccumulation(n)}, on the same backend; a learning rate for {@code n} times the batch size suits them. With {@code gradientAccumulation(k)} each
         * rank adds up {@code k} batches before the group exchanges gradients, and a step is of {@code n·k}, in another order of sums.
         *
         * <p>Every rank builds the same trainer, with the same seed, data, backend and callbacks, which is checked before the first step, and calls {@link #fit} alike. The functions of callbacks cannot be
         * compared; that they lead to the same learning rate is checked in each step. All see the
         * same losses and metrics, which are those of all ranks' batches, and validate a share of the data each. Callbacks that write, such as checkpoints, are called in
         * rank 0 alone ({@link Callback#rankZeroOnly}). Random numbers follow the number of the batch, whichever rank computes it. A batch norm normalises by the statistics of its
         * rank's batch ({@link #syncBatchNorm} by those of all); running statistics and other states of layers are rank 0's, given to all at each step.
         *
         * <p>A rank that fails ends the training of all with an exception that names it, and the group: where the exception is caught, the ranks need another
         * group to train on. Only a missing argument, a negative number of epochs and a call from within {@code fit} leave it as it was. Whoever made the group closes it, after the training.
         */
        public Builder collective(Collective value) {
            collective = Given.value(value, "Trainer", "a collective");
            return this;
        }

        /**
         * Sets how many bytes of gradients the ranks of a {@link #collective} exchange at once. While the backward pass computes the gradients of the first layers,
         * those of the last are exchanged, a bucket of whole parameters at a time; the first is of 1 MiB or less. Small
         * buckets begin earlier, large ones need fewer messages. The results are the same bits, but for the order of sums of a
         * {@link org.alborz.distributed.DeviceCollective} of more than two ranks. 4 MiB unless set. With {@link #graphCapture} they are exchanged when all are computed, except by a
         * {@code DeviceCollective}: a captured step of one batch of each rank holds its exchanges.
         *
         * @param value at least 1; {@code Long.MAX_VALUE} for as few as possible
         */
        public Builder bucketBytes(long value) {
            if (value < 1) {
                throw new IllegalArgumentException("bucketBytes expects at least 1 byte, got " + value);
            }
            bucketBytes = value;
            return this;
        }

        /**
         * Makes batch norm normalise by the statistics of the batches that all ranks compute at a time, as PyTorch's SyncBatchNorm does; its running
         * statistics are then those as well. {@code n} ranks so compute what one process does with batches of {@code n} times the size, but for
         * rounding. Each batch norm exchanges a few numbers a channel forward and backward. With {@link #gradientAccumulation} statistics are of a
         * batch of each rank, not of all batches of the step, as in PyTorch. Off unless set; without other ranks it changes nothing.
         *
         * <p>A captured step cannot exchange statistics, so {@link #build} refuses it together with {@link #graphCapture}.
         */
        public Builder syncBatchNorm(boolean value) {
            syncBatchNorm = value;
            return this;
        }

        /**
         * Says whether {@link #fit} keeps training and validation data in the device's memory, as {@link DeviceImages} does, for as long as it runs: images are uploaded once as
         * bytes, each epoch's order, crops and flips once, and a step uploads nothing of its batch. The results are the same bits. The log says at INFO what was decided and
         * why. Labels are then looked at before the first step, those of samples that no epoch reads as well. Each rank of a {@link #collective} keeps all samples.
         * {@link DataOnDevice#AUTO} unless set.
         */
        public Builder dataOnDevice(DataOnDevice value) {
            dataOnDevice = Given.value(value, "Trainer", "where data are kept");
            return this;
        }

        /** Adds a callback, called after those added before. */
        public Builder callback(Callback callback) {
            callbacks.add(Given.value(callback, "Trainer", "a callback"));
            return this;
        }

        private TrainerSettings settings() {
            if (syncBatchNorm && graphCapture && collective != null && collective.size() > 1) {
                throw new IllegalArgumentException("A trainer with syncBatchNorm exchanges statistics within each step,"
                        + " which a captured step cannot; leave out graphCapture or syncBatchNorm");
            }
            List<Metric> measured = MetricSums.requireDistinct(metrics);
            List<Metric> only = List.copyOf(evaluationMetrics);
            Function<DataLoader, List<Metric>> of = preset == null ? loader -> List.of() : preset;
            MetricSums.requireDistinct(union(measured, only));
            TargetKind kind = objective.targetKind();
            return new TrainerSettings(
                    objective,
                    MetricSums.forTargets(measured, kind),
                    loader -> MetricSums.forTargets(union(union(of.apply(loader), measured), only), kind),
                    schedule,
                    seed,
                    List.copyOf(callbacks),
                    graphCapture,
                    clipping,
                    Math.multiplyExact(accumulation, collective == null ? 1 : collective.size()),
                    averaging,
                    collective == null || collective.rank() == 0 ? EpochLog.of(verbose) : EpochLog.NONE,
                    collective,
                    syncBatchNorm,
                    bucketBytes,
                    dataOnDevice);
        }

        /** Returns what is in either list; equal metrics once. */
        private static List<Metric> union(List<Metric> first, List<Metric> second) {
            List<Metric> all = new ArrayList<>(first);
            second.stream().filter(metric -> !first.contains(metric)).forEach(all::add);
            return all;
        }

        public Trainer build() {
            return new Trainer(this);
        }
    }
}
