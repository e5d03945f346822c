package org.alborz.train;

import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.alborz.data.Batch;
import org.alborz.data.BatchIterator;
import org.alborz.data.DataLoader;
import org.alborz.notice.Warnings;
import org.alborz.tensor.Session;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The data of a loader where training or evaluation reads them: uploaded batch by batch, or kept by the device. */
final class PlacedData implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(PlacedData.class);

    /** Of the free memory, which model, optimizer and data share: data take at most one part of so many. */
    private static final int SHARE = 4;

    private static final String REMEDY = "dataOnDevice(OFF) (--data-on-device off) gives that memory to the net";

    private final DataLoader loader;

    /** Null where batches are uploaded. */
    private final DeviceImages images;

    private PlacedData(DataLoader loader, DeviceImages images) {
        this.loader = loader;
        this.images = images;
    }

    /** Leaves the data with the host. */
    static PlacedData onHost(DataLoader loader) {
        return new PlacedData(loader, null);
    }

    /**
     * Decides where data are kept, and uploads them if the device keeps them.
     *
     * @param name of the data for the log, such as {@code training data}
     * @param epochs how often they will be read
     * @param check looks at each batch of the samples before it is uploaded
     * @throws IllegalArgumentException where the device has to keep them and cannot
     */
    static PlacedData of(
            Session session, DataLoader loader, DataOnDevice where, String name, int epochs, Consumer<Batch> check) {
        if (where == DataOnDevice.OFF || epochs == 0) {
            return onHost(loader);
        }
        Optional<String> refusal = DeviceImages.refuses(loader);
        if (where == DataOnDevice.ON) {
            refusal.ifPresent(reason -> {
                throw new IllegalArgumentException("The " + name + " cannot be kept by the device: " + reason
                        + "; or leave dataOnDevice at AUTO (--data-on-device auto)");
            });
        } else if (session.backend().isHostMemory()) {
            return onHost(loader);
        } else {
            Optional<String> reason = refusal.or(() -> reasonAgainst(session, loader, epochs));
            if (reason.isPresent()) {
                log.info("The {} are uploaded batch by batch: {}", name, reason.get());
                return onHost(loader);
            }
        }
        PlacedData placed;
        try {
            placed = new PlacedData(loader, new DeviceImages(session, loader, check));
        } catch (RuntimeException | Error e) {
            if (where == DataOnDevice.ON || !session.backend().isOutOfMemory(e)) {
                throw e;
            }
            log.info(
                    "The {} are uploaded batch by batch: the device ran out of memory while they were uploaded, {}",
                    name,
                    megabytes(DeviceImages.bytes(loader)));
            log.debug("Upload failed", e);
            return onHost(loader);
        }
        log.info(
                "The {} are kept by the device, {} of {} samples, and steps upload nothing of them; {}",
                name,
                megabytes(DeviceImages.bytes(loader)),
                loader.dataset().size(),
                REMEDY);
        return placed;
    }

    /**
     * Warns where a failure says that the device is out of memory and it keeps some of the data.
     *
     * @param all of them, null where there are none
     */
    static void explain(Session session, Throwable failure, PlacedData... all) {
        long bytes = 0;
        for (PlacedData each : all) {
            bytes += each == null || each.images == null ? 0 : DeviceImages.bytes(each.loader);
        }
        if (bytes > 0 && session.backend().isOutOfMemory(failure)) {
            Warnings.warn(
                    log,
                    "The device ran out of memory, of which the data that it keeps take " + megabytes(bytes) + "; "
                            + REMEDY + ".");
        }
    }

    private static Optional<String> reasonAgainst(Session session, DataLoader loader, int epochs) {
        if (epochs == 1) {
            return Optional.of("they are read once");
        }
        int samples = loader.dataset().size();
        if (loader.samplesPerEpoch() < samples) {
            return Optional.of("an epoch reads " + loader.samplesPerEpoch() + " of " + samples + " samples");
        }
        long bytes = DeviceImages.bytes(loader);
        OptionalLong free = session.backend().freeMemory();
        return free.isPresent() && bytes > free.getAsLong() / SHARE
                ? Optional.of(megabytes(bytes) + " are more than a quarter of the " + megabytes(free.getAsLong())
                        + " that the device has free")
                : Optional.empty();
    }

    private static String megabytes(long bytes) {
        return String.format(Locale.ROOT, "%,.1f MB", bytes * 1e-6);
    }

    /** Returns the loader whose batches these are. */
    DataLoader loader() {
        return loader;
    }

    /**
     * Begins an epoch; the one before is over.
     *
     * @param first the first batch, and
     * @param every which of those after it are read, as {@link DataLoader#epoch(int, int, int)} takes them
     */
    Batches epoch(int epoch, int first, int every) {
        if (images == null) {
            return new OfLoader(loader.epoch(epoch, first, every));
        }
        images.begin(epoch);
        return new OfImages(images, loader.batchesPerEpoch(), first, every);
    }

    /** The batches of an epoch, one after another. */
    interface Batches extends AutoCloseable {
        /** Returns the next batch, or null after the last. */
        InputBatch next();

        /** Returns the index of the batch that comes next. */
        int nextBatch();

        @Override
        void close();
    }

    private record OfLoader(BatchIterator batches) implements Batches {
        @Override
        public InputBatch next() {
            Batch batch = batches.next();
            return batch == null ? null : new InputBatch.OfHost(batch);
        }

        @Override
        public int nextBatch() {
            return batches.nextBatch();
        }

        @Override
        public void close() {
            batches.close();
        }
    }

    private static final class OfImages implements Batches {
        private final DeviceImages images;
        private final int end;
        private final int every;
        private int next;

        OfImages(DeviceImages images, int end, int first, int every) {
            this.images = images;
            this.end = end;
            this.every = every;
            this.next = Math.min(first, end);
        }

        @Override
        public InputBatch next() {
            if (next == end) {
                return null;
            }
            int index = next;
            next = (int) Math.min(end, (long) index + every);
            return images.input(index);
        }

        @Override
        public int nextBatch() {
            return next;
        }

        @Override
        public void close() {
            // What the device keeps serves the next epoch.
        }
    }

    @Override
    public void close() {
        if (images != null) {
            images.close();
        }
    }
}
