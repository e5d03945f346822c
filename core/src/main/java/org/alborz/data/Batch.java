package org.alborz.data;

/**
 * Some samples and their labels. The arrays belong to the loader and are reused: they are valid until the next batch is
 * asked for.
 *
 * <p>The arrays hold a whole batch size; an epoch's last batch may be smaller, and then only {@link #size} samples of
 * them count.
 */
public final class Batch {
    private final float[] inputs;
    private final int[] labels;

    /** Which samples of the dataset these are. */
    private final int[] samples;

    private final int sampleElements;
    private int size;
    private int epoch;
    private int index;

    Batch(int capacity, int sampleElements) {
        this.inputs = new float[capacity * sampleElements];
        this.labels = new int[capacity];
        this.samples = new int[capacity];
        this.sampleElements = sampleElements;
    }

    void begin(int epoch, int index, int size) {
        this.epoch = epoch;
        this.index = index;
        this.size = size;
    }

    /** Returns the samples one after another, each in the memory order of {@link Dataset#read}. */
    public float[] inputs() {
        return inputs;
    }

    /** Returns the class of each sample. */
    public int[] labels() {
        return labels;
    }

    /** Returns the index in the dataset of each sample. */
    public int[] samples() {
        return samples;
    }

    /** Returns how many values each sample has. */
    public int sampleElements() {
        return sampleElements;
    }

    /** Returns how many samples this batch has. */
    public int size() {
        return size;
    }

    /** Returns the epoch, counted from 0. */
    public int epoch() {
        return epoch;
    }

    /** Returns the batch's place in the epoch, counted from 0. */
    public int index() {
        return index;
    }
}
