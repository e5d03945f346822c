package org.alborz.data;

import java.util.function.BooleanSupplier;
import org.alborz.random.RandomStream;
import org.alborz.random.Streams;
import org.alborz.type.Shape;

/** Reads the samples of one epoch's batches and transforms them; allocates nothing after it is made. */
final class BatchFiller {
    /** How many random words each sample of an epoch has for itself. */
    private static final long WORDS_PER_SAMPLE = 1 << 20;

    private final Dataset dataset;
    private final Compose transform;
    private final RandomStream random;
    private final Shape shape;
    private final int epoch;
    private final int batchSize;
    private final int sampleElements;
    private final int classes;
    private final int[] order;

    BatchFiller(DataLoader loader, int epoch) {
        this.dataset = loader.dataset();
        this.transform = loader.transform();
        this.random = new RandomStream(loader.seed(), Streams.AUGMENT.stream(epoch));
        this.shape = dataset.sampleShape();
        this.epoch = epoch;
        this.batchSize = loader.batchSize();
        this.sampleElements = dataset.sampleElements();
        this.classes = dataset.classes().size();
        this.order = loader.order(epoch);
    }

    /** Fills a batch, and returns false where it stopped early because {@code closed} told it to. */
    boolean fill(Batch batch, int index, BooleanSupplier closed) {
        int from = index * batchSize;
        int size = Math.min(batchSize, order.length - from);
        batch.begin(epoch, index, size);
        for (int i = 0; i < size; i++) {
            if (closed.getAsBoolean()) {
                return false;
            }
            int sample = order[from + i];
            batch.samples()[i] = sample;
            batch.labels()[i] = checkedLabel(sample);
            readSample(sample, batch.inputs(), i * sampleElements);
        }
        return true;
    }

    private void readSample(int sample, float[] inputs, int at) {
        // A sample that does not write all of its values must not end in those of an earlier batch; a NaN shows in the
        // loss.
        inputs[at + sampleElements - 1] = Float.NaN;
        try {
            dataset.read(sample, inputs, at);
            random.seek(sample * WORDS_PER_SAMPLE);
            transform.apply(inputs, at, shape, random);
        } catch (DataException e) {
            throw e;
        } catch (IndexOutOfBoundsException e) {
            throw new DataException(
                    "Sample " + sample + " could not be read (" + e.getMessage() + "); it should write "
                            + sampleElements + " values for its shape " + shape + ", from the given place on",
                    e);
        } catch (RuntimeException e) {
            throw new DataException("Sample " + sample + " could not be read: " + e, e);
        }
    }

    private int checkedLabel(int sample) {
        int label = dataset.label(sample);
        if (label < 0 || label >= classes) {
            throw new DataException("Sample " + sample + " of " + dataset.description()
                    + " should have a label from 0 to " + (classes - 1) + ", and has " + label
                    + "; correct its label, or add its class to classes()");
        }
        return label;
    }
}
