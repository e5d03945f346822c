package org.alborz.nn;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.alborz.distributed.Collective;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.text.Given;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/**
 * Makes batch norm normalise by the statistics of the batches of all ranks of a group, as PyTorch's SyncBatchNorm does: {@code n} ranks of a
 * batch each then compute what one process computes with the {@code n} batches as one, but for rounding.
 *
 * <p>A trainer does it by itself ({@code Trainer….syncBatchNorm(true)}). In a loop by hand every rank gives one to each step's pass:
 *
 * <pre>{@code
 * SyncBatchNorm sync = new SyncBatchNorm(collective); // once
 * step.pass().syncBatchNorm(sync);
 * }</pre>
 *
 * <p>All ranks' losses depend on the values of every rank, so the gradients of a rank are those of the sum of all ranks' losses. Where losses
 * count differently, such as means over batches of different sizes, {@link #weigh} multiplies them before the gradients are computed.
 *
 * <p>Every {@link BatchNorm} of the pass exchanges mean and variance once in the forward pass, and the sums of its gradient once in the
 * backward pass; sums are made in double, in the order of the ranks. All ranks compute the same layers in the same order. Second
 * derivatives are refused, and each rank needs two values a channel, as without.
 */
public final class SyncBatchNorm {
    /** What a rank sends when its batch is done; statistics are longer. */
    private static final byte[] DONE = {1};

    private static final byte[] ABSENT = {};
    private static final double[] NO_NUMBERS = {};

    private final Collective collective;

    /** What ties a loss to each normalisation of a pass; they have the value 0. */
    private final List<Tensor> anchors = new ArrayList<>();

    /** The pass that the anchors are of. */
    private Pass current;

    private double meanWeight = 1;

    public SyncBatchNorm(Collective collective) {
        this.collective = Given.value(collective, "SyncBatchNorm", "a collective");
    }

    /** The mean and the biased variance of all ranks' values, and how many of them a channel has. */
    record Statistics(Tensor mean, Tensor variance, double count) {}

    /** Two means over all ranks' values: of the gradient, and of its product with the normalised values. */
    record Means(double[] gradient, double[] projected) {}

    /**
     * Multiplies this rank's loss by what it counts for over the mean of that of all ranks that have a batch. The sum of the ranks' gradients over
     * the number of these ranks is then the gradient of the mean of their losses weighted so. All ranks call it after the forward pass, once a batch.
     *
     * @param loss a scalar
     * @param weight such as the number of samples that the loss is the mean over, at least 0. With 0 a loss that is not finite, such as the
     *     mean over no targets, counts as 0 to every normalisation
     * @return what to compute the gradients of, in the loss's type
     */
    public Tensor weigh(Tensor loss, double weight) {
        if (!(weight >= 0) || Double.isInfinite(weight)) {
            throw new IllegalArgumentException("SyncBatchNorm expects a finite weight of at least 0, got " + weight);
        }
        double[][] all = gather(weight, NO_NUMBERS, NO_NUMBERS);
        double total = 0;
        for (double[] one : all) {
            total += one[0];
        }
        meanWeight = total / all.length;
        Tensor anchored = anchors.isEmpty() ? null : anchored(loss, weight);
        anchors.clear();
        if (anchored != null) {
            return anchored;
        }
        return weight == meanWeight ? loss : loss.mul(weight == 0 ? 0 : weight / meanWeight);
    }

    /** Returns a loss of 0 that depends on all normalisations of the pass, or null where the rank's own can be multiplied by its weight. */
    private Tensor anchored(Tensor loss, double weight) {
        if (weight > 0 || loss.shape().elements() != 1 || Double.isFinite(loss.item())) {
            return null;
        }
        Tensor sum = anchors.get(0);
        for (Tensor anchor : anchors.subList(1, anchors.size())) {
            sum = sum.add(anchor);
        }
        return sum;
    }

    /** Returns the mean of the weights of the ranks that had a batch, as {@link #weigh} found it last; 1 before. */
    public double meanWeight() {
        return meanWeight;
    }

    /** Keeps what ties a loss to a normalisation. */
    void keep(Pass pass, Tensor anchor) {
        if (pass != current) {
            anchors.clear();
            current = pass;
        }
        if (anchor.isRecorded()) {
            anchors.add(anchor);
        } else {
            anchor.close();
        }
    }

    /** Says that this rank's batch is done, in a round in which others have none and {@link #skipBatch}. */
    public void endBatch() {
        List<byte[]> all = collective.allGather(DONE);
        for (int rank = 0; rank < all.size(); rank++) {
            if (all.get(rank).length > DONE.length) {
                throw differs(rank, "has more normalisations in its batch");
            }
        }
    }

    /** Takes part in a round in which this rank has no batch; returns when the others have called {@link #endBatch}. */
    public void skipBatch() {
        boolean done = false;
        while (!done) {
            for (byte[] one : collective.allGather(ABSENT)) {
                done |= one.length == DONE.length;
            }
        }
    }

    /** Returns the statistics of all ranks' values, from those of this rank's. */
    Statistics statistics(Tensor mean, Tensor variance, double count) {
        int channels = (int) mean.shape().elements();
        double[][] all = gather(count, mean.toDoubles(), variance.toDoubles());
        double total = 0;
        for (double[] one : all) {
            total += one[0];
        }
        double[] means = new double[channels];
        double[] variances = new double[channels];
        for (int c = 0; c < channels; c++) {
            for (double[] one : all) {
                means[c] += one[0] / total * one[1 + c];
            }
            for (double[] one : all) {
                double distance = one[1 + c] - means[c];
                variances[c] += one[0] / total * (one[1 + channels + c] + distance * distance);
            }
        }
        return new Statistics(tensor(mean, means), tensor(variance, variances), total);
    }

    /**
     * Returns the means that the gradient of this rank's values is computed from, of the sum of all ranks' losses.
     *
     * @param gradients the sum of this rank's gradients
     * @param projected the sum of their products with the normalised values
     * @param count of all ranks' values of a channel
     */
    Means means(Tensor gradients, Tensor projected, double count) {
        int channels = (int) gradients.shape().elements();
        double[][] all = gather(count, gradients.toDoubles(), projected.toDoubles());
        double[] first = new double[channels];
        double[] second = new double[channels];
        for (int c = 0; c < channels; c++) {
            for (double[] one : all) {
                first[c] += one[1 + c];
                second[c] += one[1 + channels + c];
            }
            first[c] /= count;
            second[c] /= count;
        }
        return new Means(first, second);
    }

    /** Returns numbers as a tensor of another's session and type, which is float32 or float64. */
    static Tensor tensor(Tensor like, double[] values) {
        Session session = like.session();
        Tensor tensor = session.empty(like.dtype(), Layout.rowMajor(Shape.of(values.length)));
        if (like.dtype() == DType.FLOAT64) {
            session.write(values, tensor);
        } else {
            float[] rounded = new float[values.length];
            for (int i = 0; i < rounded.length; i++) {
                rounded[i] = (float) values[i];
            }
            session.write(rounded, tensor);
        }
        return tensor;
    }

    /** Returns what the ranks that have a batch sent, by rank. */
    private double[][] gather(double head, double[] first, double[] second) {
        ByteBuffer own = ByteBuffer.allocate(Double.BYTES * (1 + first.length + second.length));
        own.asDoubleBuffer().put(head).put(first).put(second);
        List<byte[]> all = collective.allGather(own.array());
        int ranks = 0;
        for (int rank = 0; rank < all.size(); rank++) {
            int length = all.get(rank).length;
            if (length == DONE.length) {
                throw differs(rank, "has fewer normalisations in its batch");
            }
            if (length > 0 && length != own.capacity()) {
                throw differs(rank, other(length, own.capacity()));
            }
            ranks += length > 0 ? 1 : 0;
        }
        double[][] numbers = new double[ranks][1 + first.length + second.length];
        int at = 0;
        for (byte[] one : all) {
            if (one.length > 0) {
                ByteBuffer.wrap(one).asDoubleBuffer().get(numbers[at++]);
            }
        }
        return numbers;
    }

    private static String other(int length, int own) {
        if (length == Double.BYTES) {
            return "has fewer normalisations in its batch"; // it sent the weight of its loss
        }
        return own == Double.BYTES
                ? "has more normalisations in its batch"
                : "normalises another number of channels at the same place";
    }

    private IllegalStateException differs(int rank, String how) {
        return new IllegalStateException(
                "Synchronised batch norm expects all ranks to compute the same layers, and rank "
                        + rank + " " + how + " than rank " + collective.rank()
                        + "; give all ranks the same model, and let it not depend on the data which layers are computed");
    }
}
