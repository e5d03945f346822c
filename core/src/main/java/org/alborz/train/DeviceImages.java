package org.alborz.train;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.alborz.backend.ImageGather;
import org.alborz.data.Batch;
import org.alborz.data.BatchIterator;
import org.alborz.data.DataLoader;
import org.alborz.data.Field;
import org.alborz.data.ImageMoves;
import org.alborz.nn.BatchTensors;
import org.alborz.ops.Engine;
import org.alborz.ops.Gather;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.text.Given;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/**
 * A data loader's images, kept by the backend: its dataset is uploaded once, as bytes, and each epoch's order, crops and flips once. A batch is then
 * gathered, cropped, flipped and normalised by one launch, and needs nothing from the host. The batches have the bits of the loader's. {@link Trainer#fit} uses it
 * by itself ({@link DataOnDevice}); this is for loops by hand:
 *
 * <pre>{@code
 * try (DeviceImages images = DeviceImages.of(session, loader)) {
 *     images.begin(epoch);
 *     for (int i = 0; i < loader.batchesPerEpoch(); i++) {
 *         BatchTensors batch = images.batch(i);
 *         …
 *     }
 * }
 * }</pre>
 */
public final class DeviceImages implements AutoCloseable {
    private static final int IMAGES = 0;
    private static final int NONE = -1;

    private final Session session;
    private final DataLoader loader;
    private final List<Field> fields;
    private final ImageMoves moves;
    private final Scope owned;

    /** All samples, by field. */
    private final List<Tensor> samples = new ArrayList<>();

    private final Tensor statistics;

    /** The moves of the epoch, int32 [K, 4]. */
    private final Tensor order;

    /** The samples of the epoch in their order, int32 [K]. */
    private final Tensor indices;

    /** The epoch that the order holds, or {@link #NONE}. */
    private int begun = NONE;

    /** @param check looks at each batch of the samples before it is uploaded */
    DeviceImages(Session session, DataLoader loader, Consumer<Batch> check) {
        refuses(loader).ifPresent(reason -> {
            throw new IllegalArgumentException(reason);
        });
        this.session = session;
        this.loader = loader;
        this.fields = loader.fields();
        this.moves = ImageMoves.of(loader);
        this.owned = session.freeStandingScope("images on the device");
        try (Scope scope = session.scope("upload")) {
            this.statistics = owned.adopt(
                    NormalizedImages.statistics(session, fields.get(IMAGES).normalization()));
            this.order = owned.adopt(
                    session.empty(DType.INT32, Layout.rowMajor(Shape.of(loader.samplesPerEpoch(), ImageGather.MOVE))));
            this.indices = owned.adopt(session.empty(DType.INT32, Layout.rowMajor(Shape.of(loader.samplesPerEpoch()))));
            upload(check);
        } catch (RuntimeException | Error e) {
            owned.close();
            throw e;
        }
    }

    /**
     * Uploads the dataset of a loader.
     *
     * @param loader of stacked samples, whose field 0 is images {@code [C, H, W]} of normalised uint8, and whose transforms are at most one
     *     {@link org.alborz.data.RandomCrop} and any {@link org.alborz.data.RandomHorizontalFlip} or {@link org.alborz.data.AlternatingFlip} of it
     * @throws IllegalArgumentException for any other loader, or where a field's axis is variable
     */
    public static DeviceImages of(Session session, DataLoader loader) {
        Given.value(session, "DeviceImages", "a session");
        return new DeviceImages(session, Given.value(loader, "DeviceImages", "a data loader"), batch -> {});
    }

    /** Returns why a loader's images cannot be kept, or nothing where they can. */
    static Optional<String> refuses(DataLoader loader) {
        return ImageMoves.refuses(loader)
                .or(() -> loader.fields().stream()
                        .skip(1)
                        .filter(field -> field.isVariable() || field.isNormalized())
                        .findFirst()
                        .map(field -> "Images on the device are expected with other fields of fixed shapes that are not"
                                + " normalised, got " + field + "; leave the field out"));
    }

    /** Returns how many bytes the images of a loader take in a session of float32, and their other fields and moves. */
    static long bytes(DataLoader loader) {
        long sample = 0;
        for (Field field : loader.fields()) {
            sample += (long) field.elements() * field.type().bytes();
        }
        long moves = (ImageGather.MOVE + 1L) * DType.INT32.bytes();
        return sample * loader.dataset().size() + moves * loader.samplesPerEpoch();
    }

    private void upload(Consumer<Batch> check) {
        int count = loader.dataset().size();
        DataLoader.Builder plain = DataLoader.of(loader.dataset(), Math.min(count, loader.batchSize()));
        for (Field field : fields) {
            if (field.isNormalized()) {
                plain.normalize(field.name(), field.normalization());
            }
            DType stored = field.isNormalized() ? DType.UINT8 : field.typeIn(session.dtype());
            samples.add(
                    owned.adopt(session.empty(stored, field.layout(field.shape().insert(0, count)))));
        }
        try (BatchIterator batches = plain.build().epoch(0)) {
            int start = 0;
            for (Batch batch = batches.next(); batch != null; batch = batches.next()) {
                check.accept(batch);
                for (int i = 0; i < fields.size(); i++) {
                    Tensor part = samples.get(i).narrow(0, start, batch.size());
                    if (fields.get(i).isNormalized()) {
                        session.write(batch.bytes(i), part);
                    } else {
                        Batches.write(session, batch, i, part);
                    }
                }
                start += batch.size();
            }
        }
    }

    /**
     * Uploads the order, crops and flips of an epoch; of the one that was begun last, nothing.
     *
     * @param epoch counted from 0
     */
    public void begin(int epoch) {
        if (begun == epoch) {
            return;
        }
        begun = NONE;
        int[] all = moves.epoch(epoch);
        int[] own = new int[all.length / ImageGather.MOVE];
        for (int place = 0; place < own.length; place++) {
            own[place] = all[ImageGather.MOVE * place];
        }
        session.write(all, order);
        session.write(own, indices);
        begun = epoch;
    }

    /**
     * Returns a batch of the epoch, new tensors of the innermost scope.
     *
     * @param number of the batch in the epoch, from 0
     * @throws IllegalStateException before {@link #begin}
     */
    public BatchTensors batch(int number) {
        return input(number).tensors(session);
    }

    /**
     * Returns a batch of the epoch as what steps are made of.
     *
     * @throws IllegalStateException before {@link #begin}
     */
    InputBatch input(int number) {
        return new InputBatch.OfDevice(this, number, size(number));
    }

    List<Field> fields() {
        return fields;
    }

    /** Returns tensors for a batch, of undefined content. */
    BatchTensors empty(int size) {
        BatchTensors batch = new BatchTensors(size);
        for (Field field : fields) {
            batch.field(
                    field.name(),
                    Batches.empty(session, field, field.layout(field.shape().insert(0, size))));
        }
        return batch;
    }

    /** Writes a batch of the epoch into tensors of such a batch. */
    void write(int number, BatchTensors batch) {
        int first = number * loader.batchSize();
        try (Scope scope = session.scope("batch")) {
            Tensor own = order.narrow(0, first, size(number));
            for (int i = 0; i < fields.size(); i++) {
                Tensor target = batch.get(i);
                if (i == IMAGES) {
                    GatherImages gather = new GatherImages(target.dtype(), moves.reflects());
                    Engine.into(target, gather, samples.get(i), statistics, own);
                } else {
                    gather(samples.get(i), indices.narrow(0, first, size(number)), target);
                }
            }
        }
    }

    private static void gather(Tensor all, Tensor indices, Tensor target) {
        if (target.layout().isRowMajor()) {
            Engine.into(target, new Gather(0), all, indices);
        } else {
            target.assign(all.gather(0, indices));
        }
    }

    private int size(int number) {
        if (begun == NONE) {
            throw new IllegalStateException(
                    "A batch of images on the device was asked for before its epoch; call begin(epoch) first");
        }
        if (number < 0 || number >= loader.batchesPerEpoch()) {
            throw new IllegalArgumentException("Images on the device expect a batch from 0 to "
                    + (loader.batchesPerEpoch() - 1) + ", got " + number);
        }
        return Math.min(loader.batchSize(), loader.samplesPerEpoch() - number * loader.batchSize());
    }

    /** Gives the memory back. */
    @Override
    public void close() {
        owned.close();
    }
}
