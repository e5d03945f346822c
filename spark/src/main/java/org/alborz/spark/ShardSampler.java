package org.alborz.spark;

import java.io.Serializable;
import java.util.Arrays;
import org.alborz.data.Sampler;
import org.alborz.random.RandomStream;

/**
 * Draws each sample once, so that each batch has samples of one shard only: batch {@code k} those of shard {@code k mod shards}. The samples
 * {@code k · batchSize} to before {@code (k + 1) · batchSize} belong to shard {@code k mod shards}, so that shards hold as many batches as they
 * are asked for. Shuffled, the samples of a shard change places with each other.
 *
 * <p>A rank that holds one shard can read all of its batches, and one process that holds all of them draws the same.
 *
 * @param shards how many ranks there are
 * @param batchSize of the loader
 * @param shuffle whether each epoch has another order
 */
public record ShardSampler(int shards, int batchSize, boolean shuffle) implements Sampler, Serializable {
    public ShardSampler {
        if (shards < 1 || batchSize < 1) {
            throw new IllegalArgumentException(
                    "ShardSampler expects at least 1 shard and a batch size of at least 1, got " + shards + " and "
                            + batchSize);
        }
    }

    /** Returns the shard of a sample. */
    int shard(long sample) {
        return (int) (sample / batchSize % shards);
    }

    /** Returns the place of a sample within its shard. */
    int place(long sample) {
        return (int) (sample / batchSize / shards * batchSize + sample % batchSize);
    }

    /** Returns how many of a number of samples a shard has. */
    int count(int size, int shard) {
        long whole = (long) batchSize * shards;
        long rest = size % whole - (long) shard * batchSize;
        return (int) (size / whole * batchSize + Math.max(0, Math.min(batchSize, rest)));
    }

    /** Returns the sample at a place of a shard. */
    private int sample(int shard, int place) {
        return (place / batchSize * shards + shard) * batchSize + place % batchSize;
    }

    @Override
    public int samples(int size) {
        return size;
    }

    @Override
    public int[] draw(int size, RandomStream random) {
        int[] drawn = new int[size];
        for (int shard = 0; shard < shards; shard++) {
            int[] order = new int[count(size, shard)];
            Arrays.setAll(order, place -> place);
            if (shuffle) {
                random.shuffle(order);
            }
            for (int place = 0; place < order.length; place++) {
                drawn[sample(shard, place)] = sample(shard, order[place]);
            }
        }
        return drawn;
    }
}
