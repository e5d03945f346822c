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
        this.random = augmentation(loader, epoch);
        this.classes = dataset.classes().size();
        this.sampled = loader.isSampled();
        this.labelled = classes > 0 && Fields.haveLabel(loader.sampleFields());
    }

    /** Returns what the transforms of an epoch draw from. */
    static RandomStream augmentation(DataLoader loader, int epoch) {
        return new RandomStream(loader.seed(), Streams.AUGMENT.stream(epoch));
    }

    /** Moves it to the numbers of a sample; of its place where a sampler may draw a sample more than once, each time otherwise. */
    static void seek(RandomStream augmentation, boolean sampled, int index, int place) {
        augmentation.seek((sampled ? place : index) * WORDS_PER_SAMPLE);
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
        seek(random, sampled, index, place);
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
