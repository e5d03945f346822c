package org.alborz.data;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.alborz.random.RandomStream;
import org.alborz.random.Streams;
import org.alborz.text.Described;
import org.alborz.text.Given;
import org.alborz.text.Quoted;

/**
 * Cuts a dataset into batches, one epoch at a time, and prepares them in the background.
 *
 * <p>The order is a function of the seed and the epoch, and a sample's augmentation of the seed, the epoch and the
 * sample's index, or its place in the order of a {@link Sampler}; so an epoch that starts at a later batch gives exactly the batches that were left:
 *
 * <pre>{@code
 * try (BatchIterator batches = loader.epoch(epoch, firstBatch)) {
 *     for (Batch batch = batches.next(); batch != null; batch = batches.next()) { … }
 * }
 * }</pre>
 *
 * <p>The file is long because of the builder with its settings and their documentation.
 */
public final class DataLoader {
    private final Dataset dataset;
    private final int samples;

    /** Null where an epoch has each sample once. */
    private final Sampler sampler;

    private final int samplesPerEpoch;
    private final List<Field> sampleFields;
    private final List<Field> fields;
    private final Collation collation;
    private final int workers;
    private final int batchSize;
    private final boolean shuffle;
    private final boolean dropLast;
    private final long seed;
    private final Compose transform;
    private final int prefetch;
    private final Consumer<Thread> starter;

    /** Null until asked for. */
    private final AtomicReference<LoaderDescription> description = new AtomicReference<>();

    /** The batch arrays of the last closed epoch, for the next one; null while in use. */
    private final AtomicReference<BatchRing> idleRing = new AtomicReference<>();

    private DataLoader(Builder builder) {
        this.dataset = builder.dataset;
        this.samples = dataset.size();
        this.sampler = builder.sampler;
        this.samplesPerEpoch = builder.samplesPerEpoch();
        this.sampleFields = builder.fields;
        this.collation = builder.collation();
        this.fields = collation == null ? sampleFields : builder.batchFields(collation);
        this.workers = builder.workers;
        this.batchSize = builder.batchSize;
        this.shuffle = builder.shuffle;
        this.dropLast = builder.dropLast;
        this.seed = builder.seed;
        this.transform = new Compose(builder.transforms);
        this.prefetch = builder.prefetch;
        this.starter = builder.starter;
    }

    /** Starts the description of a loader: batches of {@code batchSize} samples, in order, unless told otherwise. */
    public static Builder of(Dataset dataset, int batchSize) {
        return new Builder(dataset, batchSize);
    }

    public Dataset dataset() {
        return dataset;
    }

    /** Returns the fields of its batches: the dataset's, and those that collation adds. */
    public List<Field> fields() {
        return fields;
    }

    List<Field> sampleFields() {
        return sampleFields;
    }

    /** Returns null where samples are stacked. */
    Collation collation() {
        return collation;
    }

    int workers() {
        return workers;
    }

    public int batchSize() {
        return batchSize;
    }

    public long seed() {
        return seed;
    }

    /**
     * Returns what decides the batches, so that a resumed run can tell whether it changed. The first call reads up to eight samples,
     * which tell apart data of one description.
     *
     * @throws DataException when those cannot be read
     */
    public LoaderDescription description() {
        LoaderDescription known = description.get();
        if (known == null) {
            known = describe();
            description.set(known);
        }
        return known;
    }

    private LoaderDescription describe() {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("data", dataset.description());
        settings.put("samples", Integer.toString(dataset.size()));
        settings.put("fields", sampleFields.toString());
        settings.put("content", content());
        settings.put("batch_size", Integer.toString(batchSize));
        settings.put("batches", Integer.toString(batchesPerEpoch()));
        settings.put("shuffle", Boolean.toString(shuffle));
        if (sampler != null) {
            settings.put("sampler", Described.of(sampler));
        }
        settings.put("drop_last", Boolean.toString(dropLast));
        settings.put("seed", Long.toString(seed));
        settings.put("collation", collation == null ? "stacked" : Described.of(collation));
        settings.put(
                "transforms",
                transform.transforms().stream().map(Described::of).toList().toString());
        return new LoaderDescription(settings);
    }

    private String content() {
        try {
            return dataset.checksum();
        } catch (DataException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new DataException("Samples of " + dataset.description() + " could not be read: " + e, e);
        }
    }

    /** Returns how many batches an epoch has. */
    public int batchesPerEpoch() {
        int whole = samplesPerEpoch / batchSize;
        return dropLast || samplesPerEpoch % batchSize == 0 ? whole : whole + 1;
    }

    /** Returns how many samples an epoch has before {@code dropLast}: those of the dataset, or what a {@link Sampler} draws. */
    public int samplesPerEpoch() {
        return samplesPerEpoch;
    }

    boolean isSampled() {
        return sampler != null;
    }

    /** Returns how many samples the smallest batch of an epoch has. */
    public int smallestBatch() {
        int rest = dropLast ? 0 : samplesPerEpoch % batchSize;
        return rest == 0 ? batchSize : rest;
    }

    /** Starts an epoch at its first batch. */
    public BatchIterator epoch(int epoch) {
        return epoch(epoch, 0);
    }

    /**
     * Starts an epoch in the middle, to go on where an earlier run stopped.
     *
     * <p>The batches are read by background threads until the epoch's end or the iterator's {@code close()}; loops that may end early
     * need a try-with-resources statement.
     *
     * @param epoch counted from 0
     * @param firstBatch counted from 0; {@link #batchesPerEpoch} gives an epoch with nothing left
     */
    public BatchIterator epoch(int epoch, int firstBatch) {
        return epoch(epoch, firstBatch, 1);
    }

    /**
     * Starts an epoch of which only a part of the batches is read: the first given and every so many after it, as one of several ranks does that share the
     * batches of a loader.
     *
     * @param every 1 for all from the first on; the number of ranks, where the first is the rank's number
     */
    public BatchIterator epoch(int epoch, int firstBatch, int every) {
        if (every < 1) {
            throw new IllegalArgumentException("DataLoader expects to give every 1st batch or fewer, got " + every);
        }
        if (epoch < 0) {
            throw new IllegalArgumentException("DataLoader expects an epoch of at least 0, got " + epoch);
        }
        if (firstBatch < 0 || firstBatch > batchesPerEpoch()) {
            throw new IllegalArgumentException("DataLoader expects a first batch from 0 to " + batchesPerEpoch() + " ("
                    + samplesPerEpoch + " samples in batches of " + batchSize + "), got " + firstBatch
                    + "; a position is valid only with the dataset and batch size it was taken with");
        }
        if (dataset.size() != samples) {
            throw new IllegalStateException("DataLoader was made for " + samples + " samples and has now "
                    + dataset.size() + " of " + dataset.description() + "; make a new loader when a dataset changes");
        }
        Prefetch prefetch = new Prefetch(this, epoch, firstBatch, every);
        prefetch.start();
        return new BatchIterator(prefetch);
    }

    /** Returns the dataset's indices in the order of an epoch. */
    int[] order(int epoch) {
        RandomStream random = new RandomStream(seed, Streams.SHUFFLE.stream(epoch));
        if (sampler != null) {
            return requireDrawn(sampler.draw(samples, random));
        }
        int[] order = Samples.range(0, dataset.size(), dataset);
        if (shuffle) {
            random.shuffle(order);
        }
        return order;
    }

    private int[] requireDrawn(int[] drawn) {
        if (Given.value(drawn, "DataLoader", "indices of its sampler").length != samplesPerEpoch) {
            throw new IllegalStateException("DataLoader expects " + samplesPerEpoch + " indices of its sampler "
                    + Described.of(sampler) + ", as its samples() says, got " + drawn.length);
        }
        for (int index : drawn) {
            if (index < 0 || index >= samples) {
                throw new IllegalStateException("DataLoader expects indices from 0 to " + (samples - 1)
                        + " of its sampler " + Described.of(sampler) + ", got " + index);
            }
        }
        return drawn;
    }

    Compose transform() {
        return transform;
    }

    void start(Thread thread) {
        starter.accept(thread);
    }

    BatchRing takeRing() {
        BatchRing ring = idleRing.getAndSet(null);
        return ring != null ? ring : new BatchRing(this, ringSize(), Math.min(batchSize, samplesPerEpoch));
    }

    /** Returns how many batches are held at a time: one is with the consumer while the others are filled. */
    private int ringSize() {
        return Math.min(prefetch + 1, batchesPerEpoch());
    }

    /** Returns what the samples of batches take, as they are read and as they are given. */
    private long bytesPerSample() {
        long bytes = Fields.bytes(sampleFields);
        for (int i = 0; collation != null && i < fields.size(); i++) {
            boolean shared = collation instanceof PaddedCollation
                    && i < sampleFields.size()
                    && !fields.get(i).isVariable();
            bytes += shared ? 0 : Fields.bytes(fields.get(i));
        }
        return bytes;
    }

    private void requireMemory() {
        long bytes = (long) ringSize() * Math.min(batchSize, samplesPerEpoch) * bytesPerSample();
        if (bytes > Runtime.getRuntime().maxMemory()) {
            throw new IllegalArgumentException("DataLoader would hold " + ringSize() + " batches of together "
                    + (bytes >> 20) + " MB, and Java may use "
                    + (Runtime.getRuntime().maxMemory() >> 20)
                    + " MB; use a smaller batch size or prefetch, or give Java more (-Xmx)");
        }
        Samples.requireMemory(Math.max(dataset.size(), samplesPerEpoch), bytes, dataset);
    }

    void giveBackRing(BatchRing ring) {
        idleRing.set(ring);
    }

    /** Describes a {@link DataLoader}. */
    public static final class Builder {
        private static final int MOST_WORKERS = 256;
        private static final int MOST_USUAL_WORKERS = 8;

        private final Dataset dataset;
        private List<Field> fields;
        private final int batchSize;
        private boolean shuffle;
        private Sampler sampler;
        private boolean dropLast;
        private long seed;
        private final List<Transform> transforms = new ArrayList<>();
        private final Map<String, Padding> paddings = new LinkedHashMap<>();
        private Collation collation;
        private int prefetch = 2;
        private int workers =
                Math.max(1, Math.min(MOST_USUAL_WORKERS, Runtime.getRuntime().availableProcessors() / 2));
        private Consumer<Thread> starter = Thread::start;

        private Builder(Dataset dataset, int batchSize) {
            if (batchSize < 1) {
                throw new IllegalArgumentException("DataLoader expects a batch size of at least 1, got " + batchSize);
            }
            if (Given.value(dataset, "DataLoader", "a dataset").size() < 1) {
                throw new IllegalArgumentException(
                        "DataLoader expects a dataset with at least 1 sample, got " + dataset.description());
            }
            this.dataset = dataset;
            this.fields = Fields.require("DataLoader", dataset.fields());
            Given.value(dataset.classes(), "DataLoader", "the names of classes, none where a dataset has no classes");
            for (Field field : fields) {
                requireArray(field, Math.min(batchSize, dataset.size()));
            }
            this.batchSize = batchSize;
        }

        private static void requireArray(Field field, int samples) {
            long values = (long) samples * field.elements();
            if (values > HostArrays.LONGEST) {
                throw new IllegalArgumentException("DataLoader expects at most " + HostArrays.LONGEST
                        + " values a batch, got " + values + " of " + samples + " samples of the field " + field
                        + "; use a smaller batch size");
            }
        }

        /** Puts each epoch's samples into another random order. */
        public Builder shuffle(boolean shuffle) {
            this.shuffle = shuffle;
            return this;
        }

        /** Sets what draws each epoch's samples, in place of all of them in order or shuffled. */
        public Builder sampler(Sampler value) {
            sampler = Given.value(value, "DataLoader", "a sampler");
            return this;
        }

        private int samplesPerEpoch() {
            int count = sampler == null ? dataset.size() : sampler.samples(dataset.size());
            if (count < 1) {
                throw new IllegalArgumentException("DataLoader expects a sampler of at least 1 sample an epoch, got "
                        + count + " of " + Described.of(sampler));
            }
            return count;
        }

        /** Sets what order and augmentation are drawn from; 0 unless set. */
        public Builder seed(long seed) {
            this.seed = seed;
            return this;
        }

        /** Leaves out an epoch's last batch where it is smaller than the others. */
        public Builder dropLast(boolean dropLast) {
            this.dropLast = dropLast;
            return this;
        }

        /** Adds a transform, applied to each sample after those added before. */
        public Builder transform(Transform transform) {
            transforms.add(Given.value(transform, "DataLoader", "a transform"));
            return this;
        }

        /**
         * Makes numbers of a field of bytes on the device, where the dataset says none itself: uint8 images {@code [C, H, W]} stored
         * channels-last.
         */
        public Builder normalize(String field, ChannelNormalization normalization) {
            if (fields.stream().noneMatch(known -> known.name().equals(field))) {
                throw new IllegalArgumentException(
                        "DataLoader normalises one of the fields " + fields + ", got " + Quoted.text(field));
            }
            fields = fields.stream()
                    .map(known -> known.name().equals(field) ? known.normalized(normalization) : known)
                    .toList();
            return this;
        }

        /**
         * Sets how the samples of a variable field are padded; with zeros unless set.
         *
         * @param field the name of a field with a variable axis
         */
        public Builder pad(String field, Padding padding) {
            boolean variable = fields.stream().anyMatch(known -> known.name().equals(field) && known.isVariable());
            if (!variable) {
                throw new IllegalArgumentException("DataLoader pads fields with a variable axis, got "
                        + Quoted.text(field) + " of the fields " + fields);
            }
            paddings.put(field, Given.value(padding, "DataLoader", "a padding"));
            return this;
        }

        /** Sets how batches are made of samples, in place of stacking and padding. */
        public Builder collate(Collation value) {
            collation = Given.value(value, "DataLoader", "a collation");
            return this;
        }

        private Collation collation() {
            if (collation != null && !paddings.isEmpty()) {
                throw new IllegalArgumentException("DataLoader expects pad or collate, got both: the padding of "
                        + paddings.keySet() + " and " + Described.of(collation) + "; pad in the collation");
            }
            if (collation != null || fields.stream().noneMatch(Field::isVariable)) {
                return collation;
            }
            Padding[] each = new Padding[fields.size()];
            for (int i = 0; i < each.length; i++) {
                each[i] = fields.get(i).isVariable()
                        ? paddings.getOrDefault(fields.get(i).name(), new Padding())
                        : null;
            }
            return new PaddedCollation(fields, each);
        }

        private List<Field> batchFields(Collation by) {
            List<Field> result = Fields.require("DataLoader", by.fields(fields));
            result.forEach(field -> requireArray(field, Math.min(batchSize, samplesPerEpoch())));
            return result;
        }

        /**
         * Sets how many threads read and transform samples; half the processors, from 1 to 8, unless set. The batches do not depend on
         * it. Datasets, transforms and collations are used by all of them at once.
         */
        public Builder workers(int threads) {
            if (threads < 1 || threads > MOST_WORKERS) {
                throw new IllegalArgumentException(
                        "DataLoader expects 1 to " + MOST_WORKERS + " workers, got " + threads);
            }
            workers = threads;
            return this;
        }

        /** Sets how many batches are prepared ahead; 2 unless set. */
        public Builder prefetch(int batches) {
            if (batches < 1 || batches > 64) {
                throw new IllegalArgumentException("DataLoader prefetches 1 to 64 batches, got " + batches);
            }
            this.prefetch = batches;
            return this;
        }

        /** Sets what starts the background threads, for tests. */
        Builder starter(Consumer<Thread> value) {
            this.starter = value;
            return this;
        }

        /**
         * Makes the loader.
         *
         * @throws IllegalArgumentException when an epoch would have no batch, batches do not fit into memory, or settings exclude each
         *     other
         */
        public DataLoader build() {
            if (sampler != null && shuffle) {
                throw new IllegalArgumentException("DataLoader expects shuffle or a sampler, got both: "
                        + Described.of(sampler) + " draws the order as well; leave out shuffle(true)");
            }
            int count = samplesPerEpoch();
            fields.forEach(field -> requireArray(field, Math.min(batchSize, count)));
            if (dropLast && count < batchSize) {
                throw new IllegalArgumentException(
                        "DataLoader would have no batch: dropLast leaves out the only one, of "
                                + count + " samples where a whole one has " + batchSize
                                + "; use a batch size of at most " + count + ", or no dropLast");
            }
            DataLoader loader = new DataLoader(this);
            loader.requireMemory();
            return loader;
        }
    }
}
