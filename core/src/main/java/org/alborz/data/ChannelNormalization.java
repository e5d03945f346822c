package org.alborz.data;

import java.util.Arrays;
import org.alborz.text.Given;

/**
 * Turns bytes of an image into floats: {@code (byte / 255 − mean[c]) / std[c]} for channel {@code c}.
 *
 * <p>A model must see images normalised as those it was trained on.
 */
public final class ChannelNormalization {
    /** The mean and standard deviation of CIFAR-10's training images, for red, green and blue. */
    public static final ChannelNormalization CIFAR10 =
            new ChannelNormalization(new float[] {0.4914f, 0.4822f, 0.4465f}, new float[] {0.2470f, 0.2435f, 0.2616f});

    private final float[] mean;
    private final float[] std;

    /** The result for each channel and byte: entry {@code c·256 + byte}. */
    private final float[] table;

    /**
     * Normalises with one mean and standard deviation a channel, both of values scaled to 0 to 1.
     *
     * @throws IllegalArgumentException when the lengths differ, a standard deviation is not above 0, or results are not
     *     finite
     */
    public ChannelNormalization(float[] mean, float[] std) {
        Given.value(mean, "Normalization", "means");
        Given.value(std, "Normalization", "standard deviations");
        if (mean.length == 0 || mean.length != std.length) {
            throw new IllegalArgumentException(
                    "Normalization expects one mean and one standard deviation a channel, got " + mean.length
                            + " means and " + std.length + " standard deviations");
        }
        this.mean = mean.clone();
        this.std = std.clone();
        this.table = new float[mean.length * 256];
        for (int c = 0; c < mean.length; c++) {
            if (!(std[c] > 0)) {
                throw new IllegalArgumentException(
                        "Normalization expects standard deviations above 0, got " + Arrays.toString(std));
            }
            for (int value = 0; value < 256; value++) {
                table[c * 256 + value] = (value / 255f - mean[c]) / std[c];
            }
            if (!Float.isFinite(table[c * 256]) || !Float.isFinite(table[c * 256 + 255]) || !Float.isFinite(std[c])) {
                throw new IllegalArgumentException("Normalization expects finite means and standard deviations that"
                        + " give finite results, got " + Arrays.toString(mean) + " and " + Arrays.toString(std));
            }
        }
    }

    /** Returns what scales bytes to 0 to 1, and does nothing else. */
    public static ChannelNormalization scaling(int channels) {
        if (channels < 1) {
            throw new IllegalArgumentException("Normalization expects at least 1 channel, got " + channels);
        }
        float[] ones = new float[channels];
        Arrays.fill(ones, 1);
        return new ChannelNormalization(new float[channels], ones);
    }

    /** Returns the mean of a channel. */
    public float mean(int channel) {
        return mean[channel];
    }

    /** Returns the standard deviation of a channel. */
    public float std(int channel) {
        return std[channel];
    }

    /** Returns the byte that is nearest to the mean of a channel, which becomes about 0. */
    byte meanByte(int channel) {
        return (byte) Math.round(Math.max(0, Math.min(1, mean[channel])) * 255);
    }

    /** Returns the number of channels. */
    public int channels() {
        return mean.length;
    }

    /** Returns the normalised value of an unsigned byte in a channel. */
    public float apply(int channel, byte value) {
        return table[channel * 256 + (value & 0xFF)];
    }

    /** Returns the normalised value of a brightness from 0 to 1 in a channel. */
    public float apply(int channel, float value) {
        return (value - mean[channel]) / std[channel];
    }

    /** Normalises {@code count} bytes stored channels-last; the first belongs to channel 0. */
    void apply(byte[] pixels, int from, int count, float[] into, int at) {
        int channels = mean.length;
        for (int i = 0; i < count; i += channels) {
            for (int c = 0; c < channels; c++) {
                into[at + i + c] = table[c * 256 + (pixels[from + i + c] & 0xFF)];
            }
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ChannelNormalization that
                && Arrays.equals(mean, that.mean)
                && Arrays.equals(std, that.std);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(mean) + Arrays.hashCode(std);
    }

    @Override
    public String toString() {
        return "mean " + Arrays.toString(mean) + " std " + Arrays.toString(std);
    }
}
