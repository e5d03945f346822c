package org.alborz.data;

import org.alborz.random.RandomStream;
import org.alborz.random.Streams;

/** Reads samples of one epoch, checks their labels and transforms them; used by one thread, and allocates nothing after it is made. */
final class SampleReader {
    /** How many random words each sample of an epoch has for itself. */
    private static final long WORDS_PER_SAMPLE = 1 << 20;

    private final Dataset dataset;
    private final Compose transform;
    private final RandomStream random;
    private final int classes;
    private final boolean labelled;
    private final boolean sampled;

    SampleReader(DataLoader loader, int epoch) {
        this.dataset = loader.dataset();
        this.transform = loader.transform();
        this.random = new RandomStream(loader.seed(), Streams.AUGMENT.stream(epoch));
        this.classes = dataset.classes().size();
        this.sampled = loader.isSampled();
        this.labelled = classes > 0 && Fields.haveLabel(loader.sampleFields());
    }

    /**
     * Reads a sample.
     *
     * @param place where it is in the epoch's order: a sampler may draw a sample more than once, and it is to differ each time
     */
    void read(int index, int place, Sample sample) {
        sample.read(dataset, index);
        if (labelled) {
            requireLabel(index, sample);
        }
        random.seek((sampled ? place : index) * WORDS_PER_SAMPLE);
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
