package org.alborz.train;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.alborz.metrics.Metric;
import org.alborz.metrics.RunningMetrics;
import org.alborz.notice.Warnings;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One call of {@link Trainer#fit}: goes through epochs and batches and calls the callbacks. */
final class FitLoop {
    private static final Logger log = LoggerFactory.getLogger(FitLoop.class);

    private final Trainer trainer;
    private final Position position;
    private final List<Callback> callbacks;

    /** The same, with those at the end that save the whole run. */
    private final List<Callback> saving;

    private final EpochLog epochLog;
    private final PlacedData train;
    private final PlacedData validation;
    private final int epochs;
    private boolean warned;

    /** Whether all ranks have agreed to stop. */
    private boolean stopped;

    /**
     * Describes a call.
     *
     * @param validation evaluated after each epoch, or null
     * @param epochs that the run is to have in all
     */
    FitLoop(
            Trainer trainer,
            Position position,
            EpochLog epochLog,
            PlacedData train,
            PlacedData validation,
            int epochs) {
        this.trainer = trainer;
        this.position = position;
        this.callbacks = trainer.called();
        this.saving = callbacks.stream()
                .sorted(Comparator.comparing(Callback::savesRun))
                .toList();
        this.epochLog = epochLog;
        this.train = train;
        this.validation = validation;
        this.epochs = epochs;
    }

    /** Refuses callbacks that watch what is not measured. */
    static void requireMonitored(List<Callback> callbacks, List<Metric> metrics, List<Metric> evaluationMetrics) {
        Set<String> known = new LinkedHashSet<>(List.of("loss"));
        metrics.stream().filter(Metric::isScalar).forEach(metric -> known.add(metric.name()));
        if (evaluationMetrics != null) {
            known.add(Figures.VALIDATION + "loss");
            evaluationMetrics.stream()
                    .filter(Metric::isScalar)
                    .forEach(metric -> known.add(Figures.VALIDATION + metric.name()));
        }
        for (Callback callback : callbacks) {
            for (String name : callback.monitored()) {
                if (!known.contains(name)) {
                    throw new IllegalArgumentException(callback.name() + " monitors '" + name
                            + "', which is not measured; there are " + known
                            + ". Monitor one of these, give the trainer the metric, or give fit validation data");
                }
            }
        }
    }

    /** Trains and returns the results of the epochs that were finished. */
    List<EpochResult> run() {
        List<EpochResult> results = new ArrayList<>();
        try (Begun begun = new Begun()) {
            callbacks.forEach(begun::begin);
            while (position.epoch < epochs && !isStopped()) {
                long start = System.nanoTime();
                long before = trainer.metrics().samples();
                runEpoch();
                if (position.nextBatch < train.loader().batchesPerEpoch()) {
                    break;
                }
                results.add(finishEpoch(start, trainer.metrics().samples() - before));
            }
            if (isStopped()) { // the last step or epoch may have asked for it
                log.info("Training stopped after step {}: {}", position.step, trainer.stopReason());
            }
        }
        return results;
    }

    /** The callbacks that know that the training began, and so learn that it ended, whatever fails. */
    private final class Begun implements AutoCloseable {
        private final List<Callback> begun = new ArrayList<>();

        void begin(Callback callback) {
            callback.onTrainBegin(trainer);
            begun.add(callback);
        }

        @Override
        public void close() {
            each(begun, callback -> callback.onTrainEnd(trainer));
        }
    }

    /** Calls every callback, also where one fails: the first failure is thrown, with those after it suppressed. */
    private static void each(List<Callback> callbacks, Consumer<Callback> call) {
        if (!callbacks.isEmpty()) {
            try (Rest rest = () -> each(callbacks.subList(1, callbacks.size()), call)) {
                call.accept(callbacks.get(0));
            }
        }
    }

    /** What is done in any case. */
    private interface Rest extends AutoCloseable {
        @Override
        void close();
    }

    private void runEpoch() {
        int last = train.loader().batchesPerEpoch();
        for (int i = 0; i < callbacks.size(); i++) {
            callbacks.get(i).onEpochBegin(trainer);
        }
        try (PlacedData.Batches batches = batches()) {
            while (position.nextBatch < last) {
                int round = Math.min(trainer.worldSize(), last - position.nextBatch);
                // Read before the ranks agree to continue: where one fails to, the others stand between two rounds.
                InputBatch batch = trainer.rank() < round && trainer.stopReason() == null ? batches.next() : null;
                if (isStopped()) {
                    break;
                }
                for (int i = 0; i < callbacks.size(); i++) {
                    callbacks.get(i).onBatchBegin(trainer);
                }
                boolean stepped = trainer.train(batch, round, position.nextBatch + round == last);
                position.nextBatch += round;
                for (int i = 0; i < callbacks.size(); i++) {
                    callbacks.get(i).onBatchEnd(trainer);
                }
                if (stepped) {
                    afterStep();
                }
            }
        }
    }

    private PlacedData.Batches batches() {
        int first = Math.min(position.nextBatch + trainer.rank(), train.loader().batchesPerEpoch());
        return train.epoch(position.epoch, first, trainer.worldSize());
    }

    /** Tells whether the training is to stop; ranks of a group agree on it, so all call it at the same places. */
    private boolean isStopped() {
        stopped = stopped || trainer.isStopped();
        return stopped;
    }

    private void afterStep() {
        for (int i = 0; i < callbacks.size(); i++) {
            callbacks.get(i).onStepEnd(trainer);
        }
        for (int i = 0; i < callbacks.size(); i++) {
            saving.get(i).afterStep(trainer);
        }
    }

    private EpochResult finishEpoch(long start, long samples) {
        RunningMetrics metrics = trainer.metrics();
        double loss = metrics.loss();
        Map<String, Double> values = metrics.values();
        double seconds = (System.nanoTime() - start) * 1e-9;
        Evaluation evaluation = validation == null ? null : evaluate(loss, values);
        position.epoch++;
        position.nextBatch = 0;
        metrics.reset();
        EpochResult result = new EpochResult(position.epoch, loss, values, evaluation, seconds, samples / seconds);
        epochLog.say(result, epochs);
        warnOfNaN(result);
        each(callbacks, callback -> callback.onEpochEnd(trainer, result));
        each(saving, callback -> callback.afterEpoch(trainer, result));
        return result;
    }

    /** Says once that a loss or a weight is no number, and why, where no callback stops for it. */
    private void warnOfNaN(EpochResult result) {
        if (!warned
                && trainer.rank() == 0
                && TerminateOnNaN.isLost(trainer, result)
                && callbacks.stream().noneMatch(TerminateOnNaN.class::isInstance)) {
            warned = true;
            Warnings.warn(
                    log,
                    "After epoch " + result.epoch() + " training goes on though "
                            + TerminateOnNaN.reason(
                                    trainer, result, train.loader().batchesPerEpoch(), null)
                            + ". The callback TerminateOnNaN stops it there.");
        }
    }

    private Evaluation evaluate(double loss, Map<String, Double> values) {
        try {
            callbacks.forEach(callback -> callback.onTestBegin(trainer));
            int batches = validation.loader().batchesPerEpoch();
            Evaluation evaluation = trainer.validate(
                    validation,
                    done -> callbacks.forEach(
                            callback -> callback.onTestBatchEnd(trainer, Math.min(done, batches), batches)));
            callbacks.forEach(callback -> callback.onTestEnd(trainer, evaluation));
            return evaluation;
        } catch (RuntimeException | Error e) {
            log.warn(
                    "Epoch {} is trained (loss {}, {}), but its validation failed; the next fit continues with the validation.",
                    position.epoch + 1,
                    loss,
                    values);
            throw e;
        }
    }
}
