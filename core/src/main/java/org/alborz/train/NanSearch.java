package org.alborz.train;

import org.alborz.data.Batch;
import org.alborz.data.BatchIterator;
import org.alborz.data.DataLoader;
import org.alborz.nn.Pass;
import org.alborz.ops.Observation;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Tensor;

/**
 * Finds the operation that made the first number of a training that is not finite. It keeps a copy of all that steps change, and where it was taken; from
 * there the steps are the same bits when they are done again, this time with a look at every result.
 */
final class NanSearch implements AutoCloseable {
    private final Trainer trainer;
    private final TrainingSnapshot before;
    private final Position taken = new Position();

    /** Takes a copy of where a trainer stands. */
    NanSearch(Trainer trainer) {
        this.trainer = trainer;
        this.before = new TrainingSnapshot(trainer);
        taken.set(trainer.position());
    }

    boolean isOf(Trainer other) {
        return trainer == other && !trainer.model().values().isClosed();
    }

    /** Takes another copy in the place of the last. */
    void take() {
        before.take();
        taken.set(trainer.position());
    }

    /**
     * Repeats the steps since the copy was taken, up to the first after which loss, gradients or weights are not finite, and that one again with a look at its operations.
     * The trainer is then as it was.
     *
     * @param epoch the epoch of the steps, from 0
     * @return the operation in words; null where none is found
     */
    String find(int epoch) {
        if (taken.epoch != epoch) {
            return null;
        }
        Position at = new Position();
        at.set(taken);
        DataLoader loader = trainer.loader();
        long to = trainer.batches();
        try (TrainingSnapshot now = new TrainingSnapshot(trainer)) {
            before.putBack();
            try (BatchIterator batches = loader.epoch(taken.epoch, taken.nextBatch);
                    TrainingSnapshot each = new TrainingSnapshot(trainer)) {
                if (!trainer.model().isFinite()) {
                    return "the weights were no finite numbers already before step " + (at.step + 1);
                }
                for (Batch batch = batches.next(); batch != null && at.batches < to; batch = batches.next()) {
                    boolean last = batches.nextBatch() == loader.batchesPerEpoch();
                    Position start = new Position();
                    start.set(at);
                    each.take();
                    trainer.repeat(batch, at, last, trainer.objective());
                    if (!isFinite()) {
                        each.putBack();
                        return observed(batch, start, last);
                    }
                }
                return null;
            } finally {
                now.putBack();
            }
        }
    }

    private boolean isFinite() {
        if (!Double.isFinite(trainer.metrics().lossSum()) || !trainer.model().isFinite()) {
            return false;
        }
        if (trainer.model().lossScaler() != null) {
            return true; // it leaves out steps whose gradients are not
        }
        try (Scope check = trainer.model().session().scope("finite")) {
            return trainer.model().gradients().mul(0).sum().item() == 0;
        }
    }

    private String observed(Batch batch, Position at, boolean last) {
        NonFiniteWatch watch = new NonFiniteWatch(trainer.model());
        long step = at.step + 1;
        try (Observation observation = trainer.model().session().observe(watch)) {
            trainer.repeat(
                    batch,
                    at,
                    last,
                    (tensors, pass) -> watch.result(trainer.objective().of(tensors, pass)));
        }
        String found = watch.found();
        return found == null ? null : "in step " + step + " " + found;
    }

    /**
     * Computes the objective over validation data, with a look at every result, up to the first operation that makes a number which is not
     * finite.
     *
     * @return the operation in words; null where none is found
     */
    static String findInEvaluation(Trainer trainer, DataLoader data) {
        return trainer.withAverage(() -> {
            try (BatchIterator batches = data.epoch(0)) {
                for (Batch batch = batches.next(); batch != null; batch = batches.next()) {
                    String found = inEvaluation(trainer, batch);
                    if (found != null) {
                        return "in batch " + batch.index() + " of the validation " + found;
                    }
                }
                return null;
            }
        });
    }

    private static String inEvaluation(Trainer trainer, Batch batch) {
        NonFiniteWatch watch = new NonFiniteWatch(trainer.model());
        try (Scope scope = trainer.model().session().scope("batch");
                Observation observation = trainer.model().session().observe(watch)) {
            Tensor loss = Losses.of(
                    trainer.objective(), Batches.upload(trainer.model().session(), batch), Pass.evaluation());
            watch.result(loss);
            return Double.isFinite(loss.item()) ? null : watch.found();
        }
    }

    @Override
    public void close() {
        before.close();
    }
}
