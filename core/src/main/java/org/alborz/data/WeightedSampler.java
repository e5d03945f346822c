package org.alborz.data;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;
import org.alborz.random.RandomStream;
import org.alborz.text.Given;

/**
 * Draws samples in proportion to weights.
 *
 * <p>With replacement every draw is independent of the others: sample {@code i} has the probability {@code wᵢ / Σw}. Without, a sample
 * is drawn at most once in an epoch, each next one in proportion to the weights of those that are left (Efraimidis and Spirakis 2006,
 * "Weighted random sampling with a reservoir"). A sample of weight 0 is never drawn.
 */
public final class WeightedSampler implements Sampler {
    private static final double BITS_53 = 0x1p-53;

    private final double[] weights;
    private final int samples;
    private final boolean replacement;

    /**
     * Describes the draws of an epoch.
     *
     * @param weights one for each sample of the dataset, at least 0; they need not add up to 1
     * @param samples how many are drawn in an epoch; without replacement at most as many as have a weight above 0
     */
    public WeightedSampler(double[] weights, int samples, boolean replacement) {
        this.weights = Given.value(weights, "WeightedSampler", "weights").clone();
        this.samples = samples;
        this.replacement = replacement;
        double sum = 0;
        int possible = 0;
        for (int i = 0; i < weights.length; i++) {
            if (!(weights[i] >= 0 && weights[i] < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException(
                        "WeightedSampler expects finite weights of at least 0, got " + weights[i] + " of sample " + i);
            }
            sum += weights[i];
            possible += weights[i] > 0 ? 1 : 0;
        }
        if (!(sum > 0 && sum < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("WeightedSampler expects weights with a finite sum above 0, got " + sum);
        }
        if (samples < 1 || !replacement && samples > possible) {
            throw new IllegalArgumentException("WeightedSampler expects "
                    + (replacement ? "at least 1 sample" : "1 to " + possible + " samples without replacement")
                    + " in an epoch, got " + samples);
        }
    }

    @Override
    public int samples(int size) {
        if (size != weights.length) {
            throw new IllegalArgumentException("WeightedSampler expects a weight for each sample of the dataset, got "
                    + weights.length + " weights for " + size + " samples");
        }
        return samples;
    }

    @Override
    public int[] draw(int size, RandomStream random) {
        samples(size);
        return replacement ? drawAgain(random) : drawOnce(random);
    }

    private int[] drawAgain(RandomStream random) {
        double[] ends = new double[weights.length];
        double sum = 0;
        for (int i = 0; i < ends.length; i++) {
            sum += weights[i];
            ends[i] = sum;
        }
        int[] drawn = new int[samples];
        for (int i = 0; i < samples; i++) {
            drawn[i] = firstAbove(ends, uniform(random) * sum);
        }
        return drawn;
    }

    /** Returns the first place whose number is above the given one; of the last weight above 0 where rounding left none. */
    private int firstAbove(double[] ends, double value) {
        int low = 0;
        int high = ends.length - 1;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (ends[middle] > value) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        while (weights[low] == 0) {
            low--;
        }
        return low;
    }

    /** Orders samples by exponentially distributed times whose rates are the weights; the first ones are drawn. */
    private int[] drawOnce(RandomStream random) {
        double[] times = new double[weights.length];
        for (int i = 0; i < times.length; i++) {
            double time = -StrictMath.log(1 - uniform(random));
            times[i] = weights[i] > 0 ? time / weights[i] : Double.POSITIVE_INFINITY;
        }
        return IntStream.range(0, times.length)
                .filter(i -> weights[i] > 0)
                .boxed()
                .sorted((i, j) -> Double.compare(times[i], times[j]))
                .limit(samples)
                .mapToInt(Integer::intValue)
                .toArray();
    }

    /** Draws from [0, 1) with 53 bits. */
    private static double uniform(RandomStream random) {
        long high = random.nextInt() >>> 5;
        long low = random.nextInt() >>> 6;
        return ((high << 26) + low) * BITS_53;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof WeightedSampler that
                && samples == that.samples
                && replacement == that.replacement
                && Arrays.equals(weights, that.weights);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(weights) + samples + (replacement ? 1 : 0);
    }

    @Override
    public String toString() {
        CRC32C sum = new CRC32C();
        ByteBuffer bytes = ByteBuffer.allocate(Double.BYTES);
        for (double weight : weights) {
            sum.update(bytes.clear().putDouble(weight).flip());
        }
        return String.format(
                Locale.ROOT,
                "WeightedSampler[weights=%d %x, samples=%d, replacement=%s]",
                weights.length,
                sum.getValue(),
                samples,
                replacement);
    }
}
