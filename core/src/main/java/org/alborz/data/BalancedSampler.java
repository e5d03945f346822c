package org.alborz.data;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Locale;
import java.util.zip.CRC32C;
import org.alborz.random.RandomStream;
import org.alborz.text.Given;

/**
 * Draws every class equally often, however many samples it has: in an epoch the numbers of draws of two classes differ by at most 1. A
 * sample is drawn again only when all others of its class have been drawn as often. Classes without samples are left out.
 */
public final class BalancedSampler implements Sampler {
    private final int[] labels;
    private final int samples;

    /** The samples of each class that has some. */
    private final int[][] members;

    /**
     * Describes the draws of an epoch.
     *
     * @param labels the class of each sample of the dataset, from 0
     * @param samples how many are drawn in an epoch
     */
    public BalancedSampler(int[] labels, int samples) {
        this.labels = Given.value(labels, "BalancedSampler", "labels").clone();
        this.samples = samples;
        this.members = Labels.members("BalancedSampler", this.labels);
        if (samples < 1) {
            throw new IllegalArgumentException("BalancedSampler expects at least 1 sample in an epoch, got " + samples);
        }
    }

    /** Draws as many samples in an epoch as a dataset has; reads the labels with {@link Dataset#label}. */
    public static BalancedSampler of(Dataset dataset) {
        int[] labels = Labels.of("BalancedSampler", dataset);
        return new BalancedSampler(labels, labels.length);
    }

    @Override
    public int samples(int size) {
        if (size != labels.length) {
            throw new IllegalArgumentException("BalancedSampler expects a label for each sample of the dataset, got "
                    + labels.length + " labels for " + size + " samples");
        }
        return samples;
    }

    @Override
    public int[] draw(int size, RandomStream random) {
        samples(size);
        int[] classes = new int[members.length];
        for (int i = 0; i < classes.length; i++) {
            classes[i] = i;
        }
        random.shuffle(classes); // the first ones get what the number of classes does not divide
        int[] drawn = new int[samples];
        int at = 0;
        for (int i = 0; i < classes.length; i++) {
            int count = samples / classes.length + (i < samples % classes.length ? 1 : 0);
            int[] of = members[classes[i]].clone();
            for (int taken = 0; taken < count; taken += of.length) {
                random.shuffle(of);
                int part = Math.min(of.length, count - taken);
                System.arraycopy(of, 0, drawn, at, part);
                at += part;
            }
        }
        random.shuffle(drawn);
        return drawn;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof BalancedSampler that && samples == that.samples && Arrays.equals(labels, that.labels);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(labels) + samples;
    }

    @Override
    public String toString() {
        CRC32C sum = new CRC32C();
        ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES);
        for (int label : labels) {
            sum.update(bytes.clear().putInt(label).flip());
        }
        return String.format(
                Locale.ROOT, "BalancedSampler[labels=%d %x, samples=%d]", labels.length, sum.getValue(), samples);
    }
}
