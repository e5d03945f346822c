package org.alborz.train;

import java.nio.ByteBuffer;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.alborz.backend.Backend;
import org.alborz.distributed.AsyncCollective;
import org.alborz.distributed.Collective;
import org.alborz.distributed.CollectiveException;
import org.alborz.distributed.DeviceCollective;
import org.alborz.distributed.Reduction;
import org.alborz.metrics.MetricSums;
import org.alborz.metrics.RunningMetrics;
import org.alborz.nn.BatchTensors;
import org.alborz.nn.Model;
import org.alborz.nn.Parameter;
import org.alborz.nn.Pass;
import org.alborz.nn.SyncBatchNorm;
import org.alborz.notice.Warnings;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a trainer does with the other ranks of its group. In each round the ranks compute one batch each, in the order of their numbers; then
 * their metrics are added up, and at the end of a step their gradients as well, so that all ranks make the same step.
 *
 * <p>Sums are added in the order of the ranks, which is that of the batches. So {@code n} ranks compute the same bits as one process that
 * accumulates the gradients of {@code n} batches. A {@link DeviceCollective} adds gradients where the backend has them, in an order of its own.
 */
final class DataParallel {
    private static final Logger log = LoggerFactory.getLogger(DataParallel.class);

    /** Numbers of a rank that are sent at once, 8 MiB. */
    private static final int GATHERED_AT_ONCE = 1 << 20;

    private final AsyncCollective collective;
    private final RunningMetrics metrics;
    private final SharedStates states;
    private final GradientBuckets buckets;

    /** Null where gradients and states go over the host's memory. */
    private final DeviceCollective device;

    private final Backend backend;

    /** What devices exchange in each step, in words. */
    private final String exchanges;

    private final String begun;

    /** Made at the first use, as is the next one; used again. */
    private float[] floats;

    private double[] doubles;

    /** Null where batch norm normalises by the batch of its rank. */
    private final SyncBatchNorm sync;

    /** How many ranks have a batch in this round. */
    private int round;

    private DataParallel(TrainerSettings settings, Model model, RunningMetrics metrics) {
        this.collective = new AsyncCollective(settings.collective());
        this.sync = settings.syncBatchNorm() ? new SyncBatchNorm(collective) : null;
        this.buckets = GradientBuckets.of(model, settings.bucketBytes());
        this.metrics = metrics;
        this.backend = model.session().backend();
        this.device = onDevice(settings.collective(), backend);
        List<Tensor> shared = model.parameters().values().stream()
                .filter(parameter -> !parameter.isTrainable())
                .map(Parameter::value)
                .toList();
        this.states = new SharedStates(collective, device, shared);
        this.exchanges = "a step of " + model.gradients().shape().elements() + " gradients in " + buckets.size()
                + " buckets, and " + shared.size() + " states";
        this.begun = "the end of " + exchanges;
    }

    /** Returns null where there is no other rank. */
    static DataParallel of(TrainerSettings settings, Model model, RunningMetrics metrics) {
        Collective collective = settings.collective();
        return collective == null || collective.size() == 1 ? null : new DataParallel(settings, model, metrics);
    }

    private static DeviceCollective onDevice(Collective collective, Backend backend) {
        if (!(collective instanceof DeviceCollective device)) {
            return null;
        }
        Optional<String> reason = device.refuses(backend);
        reason.ifPresent(
                why -> Warnings.warn(
                        log,
                        "Gradients are exchanged over the host's memory: " + why
                                + ". Open the session on a backend that this collective can reach, or give the trainer another collective."));
        return reason.isPresent() ? null : device;
    }

    int rank() {
        return collective.rank();
    }

    int size() {
        return collective.size();
    }

    /** Refuses ranks that do not train alike, as {@link RankComparison#requireAlike} does. */
    void requireAlike(Map<String, String> settings) {
        RankComparison.requireAlike(collective, settings);
    }

    /**
     * Makes the metrics ready for a batch of each rank: only rank 0 keeps what they came to so far.
     *
     * @param having how many ranks have a batch, which are the first
     */
    void beginRound(int having) {
        round = having;
        if (rank() > 0) {
            metrics.reset();
        }
    }

    /**
     * Merges the metrics of all ranks.
     *
     * @param rate the learning rate of this rank's step
     * @throws IllegalStateException in all ranks, where they have not the same
     */
    void endRound(double rate) {
        double[] totals = metrics.totals();
        double[] own = Arrays.copyOf(totals, totals.length + 1);
        own[totals.length] = rate;
        double[][] all = gather(own);
        double first = all[0][totals.length];
        for (int rank = 0; rank < all.length; rank++) {
            requireSameRate(first, rank, all[rank][totals.length]);
            all[rank] = Arrays.copyOf(all[rank], totals.length);
        }
        metrics.restoreMerged(all);
    }

    private static void requireSameRate(double first, int rank, double other) {
        if (Double.compare(first, other) != 0) {
            throw new IllegalStateException(
                    "All ranks of a group make the same steps, and rank " + rank
                            + " has the learning rate " + other + " in a step for which rank 0 has " + first
                            + ". Give the schedules and callbacks of all ranks the same functions, which decide by what all ranks know alike");
        }
    }

    /** Makes batch norm normalise by the batches of all ranks, where that is set. */
    void beginBatch(Pass pass) {
        if (sync != null) {
            pass.syncBatchNorm(sync);
        }
    }

    /** Tells whether {@link #weigh} multiplies losses: with synchronised batch norm the loss of a rank has gradients in the others' batches. */
    boolean weighsLosses() {
        return sync != null;
    }

    /** Multiplies the loss of this rank's batch by what it counts for over {@link #meanWeight}, before its gradients are computed. */
    Tensor weigh(Tensor loss, BatchTensors batch) {
        boolean own = batch.has(BatchTensors.WEIGHT);
        return sync.weigh(loss, own ? batch.get(BatchTensors.WEIGHT).item() : batch.size());
    }

    /** Returns the mean of what the losses of this round count for. */
    double meanWeight() {
        return sync.meanWeight();
    }

    /** Says that the gradients of this rank's batch are computed, or that it has none. */
    void endBatch(boolean hasBatch) {
        if (sync == null || round == size()) {
            return;
        }
        if (hasBatch) {
            sync.endBatch();
        } else {
            sync.skipBatch();
        }
    }

    /** Returns the numbers of each rank, by rank. */
    private double[][] gather(double[] own) {
        double[][] all = new double[size()][own.length];
        for (int from = 0; from < own.length; from += GATHERED_AT_ONCE) {
            int count = Math.min(GATHERED_AT_ONCE, own.length - from);
            ByteBuffer bytes = ByteBuffer.allocate(count * Double.BYTES);
            bytes.asDoubleBuffer().put(own, from, count);
            List<byte[]> pieces = collective.allGather(bytes.array());
            for (int rank = 0; rank < all.length; rank++) {
                ByteBuffer.wrap(pieces.get(rank)).asDoubleBuffer().get(all[rank], from, count);
            }
        }
        return all;
    }

    /**
     * Tells whether gradients may be exchanged before all are computed: not where synchronised batch norm exchanges statistics meanwhile and a rank has no
     * batch, as it would not know when.
     */
    boolean overlaps() {
        return sync == null || round == size();
    }

    /** Tells whether a captured step may hold the exchange of its gradients. */
    boolean capturesExchange() {
        return device != null;
    }

    /** Tells whether every rank has a batch in this round. */
    boolean isFull() {
        return round == size();
    }

    /** Waits until all ranks are about to exchange the gradients of a step, where devices do it, which would wait endlessly for one that does not. */
    void agree() {
        buckets.restart(); // a capture of the step may have failed after some
        if (device != null) {
            device.agree(exchanges);
        }
    }

    /** Tells whether all ranks say the same; all ask at the same time. */
    boolean agreeOn(String own) {
        byte[] said = own.getBytes(StandardCharsets.UTF_8);
        return collective.allGather(said).stream().allMatch(other -> Arrays.equals(said, other));
    }

    /** Says that the device was asked to repeat captured exchanges, and waits as {@link #awaitBegun} does. */
    void replayed() {
        device.join(backend, exchanges);
        awaitBegun();
    }

    /**
     * Waits until all ranks have begun the exchanges on devices that they {@linkplain #agree agreed} on: where one has failed meanwhile, this ends the group
     * with its reason, before the host waits for a device that waits for that rank.
     */
    void awaitBegun() {
        if (device != null) {
            device.agree(begun);
        }
    }

    /** Has what comes later wait for the exchanges that were begun by a step that failed. */
    void abandon(Throwable failure) {
        buckets.restart();
        if (device != null) {
            try {
                device.join(backend, exchanges);
            } catch (RuntimeException e) {
                failure.addSuppressed(e);
            }
        }
    }

    /** What is to be done before a bucket is exchanged. */
    interface Preparation {
        void prepare(int start, int end);
    }

    /**
     * Begins to add up over the ranks the gradients of all buckets that are complete and were not begun yet.
     *
     * @param weight of the gradients, complete
     * @param from the first element from which on all gradients are there
     */
    void begin(Tensor gradients, Tensor weight, int from, Preparation preparation) {
        for (var bucket = buckets.next(from); bucket != null; bucket = buckets.next(from)) {
            preparation.prepare(bucket.start(), bucket.end());
            begin(gradients, weight, bucket.start(), bucket.end());
        }
    }

    /** Does so for one bucket; the weight goes with the first, which has the last element. */
    private void begin(Tensor gradients, Tensor weight, int start, int end) {
        int count = (int) gradients.shape().elements();
        int to = end == count ? end + 1 : end;
        try (Tensor part = gradients.narrow(0, start, end - start)) {
            if (device != null) {
                List<Tensor> sums = end == count ? List.of(part, weight) : List.of(part);
                gradients.session().changeInPlace(sums, on -> device.beginAllReduce(Reduction.SUM, on, sums));
            } else if (gradients.dtype() == DType.FLOAT64) {
                doubles = doubles == null ? new double[count + 1] : doubles;
                part.read(DoubleBuffer.wrap(doubles, start, end - start));
                if (end == count) {
                    doubles[count] = weight.item();
                }
                collective.beginAllReduce(Reduction.SUM, doubles, start, to);
            } else {
                floats = floats == null ? new float[count + 1] : floats;
                part.read(FloatBuffer.wrap(floats, start, end - start));
                if (end == count) {
                    floats[count] = (float) weight.item();
                }
                collective.beginAllReduce(Reduction.SUM, floats, start, to);
            }
        }
    }

    /** Replaces gradients and their weight by the sums of those of all ranks, and gives all ranks the states of rank 0. */
    void reduce(Tensor gradients, Tensor weight) {
        begin(gradients, weight, 0, (start, end) -> {});
        buckets.restart();
        if (device != null) {
            states.share();
            device.join(backend, exchanges);
        } else {
            collective.await();
            takeSums(gradients, weight);
            states.share();
        }
    }

    private void takeSums(Tensor gradients, Tensor weight) {
        if (gradients.dtype() == DType.FLOAT64) {
            gradients.session().write(doubles, gradients);
            weight.fill(doubles[doubles.length - 1]);
        } else {
            gradients.session().write(floats, gradients);
            weight.fill(floats[floats.length - 1]);
        }
    }

    /** Returns the share of the time of all exchanges of gradients in which this rank did not wait for them; NaN on a device. */
    double overlap() {
        double busy = collective.busySeconds();
        return busy == 0 ? Double.NaN : Math.max(0, 1 - collective.waitedSeconds() / busy);
    }

    /** Replaces what the ranks found for their batches of an evaluation, 0 elsewhere, by what all found. */
    void addUp(double[] values) {
        collective.allReduce(Reduction.SUM, values);
    }

    /** Replaces the sums of metrics by those of all ranks. */
    void merge(MetricSums sums) {
        sums.restoreMerged(gather(sums.totals()));
    }

    /** Returns the reason to stop of the first rank that has one, and null where none has; the same in all ranks. */
    String firstReason(String own) {
        byte[] text = own == null ? new byte[0] : (own + "\n").getBytes(StandardCharsets.UTF_8);
        for (byte[] reason : collective.allGather(text)) {
            if (reason.length > 0) {
                return new String(reason, 0, reason.length - 1, StandardCharsets.UTF_8);
            }
        }
        return null;
    }

    /** Ends the group, where it has not ended by itself: the other ranks' training then fails with this rank's failure. */
    void abort(Throwable failure) {
        if (!(failure instanceof CollectiveException)) {
            collective.abort(failure.toString());
        }
    }
}
