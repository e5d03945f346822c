package org.alborz.data;

import org.alborz.random.RandomStream;
import org.alborz.random.Streams;

/**
 * The memory of the batches of an epoch, used in turn: one is with the consumer while the others are filled.
 *
 * <p>Samples are read into one batch of each place, and collated into another where the loader collates.
 */
final class BatchRing {
    /** How many random words the collation of each batch of an epoch has for itself. */
    private static final long WORDS_PER_BATCH = 1L << 30;

    private final Batch[] read;
    private final Batch[] given;
    private final Collation collation;
    private final long seed;

    BatchRing(DataLoader loader, int size, int capacity) {
        this.collation = loader.collation();
        this.seed = loader.seed();
        this.read = new Batch[size];
        this.given = collation == null ? read : new Batch[size];
        for (int i = 0; i < size; i++) {
            read[i] = new Batch(loader.sampleFields(), capacity);
            if (collation instanceof PaddedCollation) {
                given[i] = new Batch(loader.fields(), read[i]);
            } else if (collation != null) {
                given[i] = new Batch(loader.fields(), capacity);
            }
        }
    }

    int size() {
        return read.length;
    }

    /** Returns what samples are read into. */
    Batch read(int place) {
        return read[place];
    }

    /** Returns what the consumer is given. */
    Batch given(int place) {
        return given[place];
    }

    /** Makes what the consumer is given from the samples that were read. */
    void collate(int place) {
        if (collation == null) {
            return;
        }
        Batch samples = read[place];
        given[place].begin(samples);
        try {
            RandomStream random = new RandomStream(seed, Streams.BATCH.stream(samples.epoch()));
            random.seek(samples.index() * WORDS_PER_BATCH);
            collation.collate(samples, given[place], random);
        } catch (DataException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new DataException("The samples of a batch could not be collated: " + e, e);
        }
    }
}
