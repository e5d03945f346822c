package org.alborz.data;

import java.util.function.BooleanSupplier;
import org.alborz.random.RandomStream;
import org.alborz.random.Streams;

/** Reads the samples of one epoch's batches and transforms them; allocates nothing after it is made. */
final class BatchFiller {
    /** How many random words each sample of an epoch has for itself. */
    private static final long WORDS_PER_SAMPLE = 1 << 20;

    private final Dataset dataset;
    private final Compose transform;
    private final RandomStream random;
    private final int epoch;
    private final int batchSize;
    private final int classes;
    private final boolean labelled;
    private final int[] order;

    BatchFiller(DataLoader loader, int epoch) {
        this.dataset = loader.dataset();
        this.transform = loader.transform();
        this.random = new RandomStream(loader.seed(), Streams.AUGMENT.stream(epoch));
        this.epoch = epoch;
        this.batchSize = loader.batchSize();
        this.classes = dataset.classes().size();
        this.labelled = classes > 0 && Fields.haveLabel(loader.fields());
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
            readSample(sample, batch.slot(i));
        }
        return true;
    }

    private void readSample(int index, Sample sample) {
        sample.read(dataset, index);
        if (labelled) {
            requireLabel(index, sample);
        }
        random.seek(index * WORDS_PER_SAMPLE);
        try {
            transform.apply(sample, random);
        } catch (RuntimeException e) {
            throw sample.unreadable(index, e);
        }
    }

    private void requireLabel(int index, Sample sample) {
        int label = sample.ints(1)[sample.at(1)];
        if (label < 0 || label >= classes) {
            throw new DataException("Sample " + index + " of " + dataset.description()
                    + " should have a label from 0 to " + (classes - 1) + ", and has " + label
                    + "; correct its label, or add its class to classes()");
        }
    }
}
