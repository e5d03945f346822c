package org.alborz.train;

import java.util.Arrays;
import org.alborz.backend.BinaryOp;
import org.alborz.data.Batch;
import org.alborz.data.ChannelNormalization;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/**
 * Brings images that are kept as bytes to the device as numbers. The bytes are sent, a quarter of the numbers, and become
 * {@code (byte / 255 − mean) / std} there, each operation rounded to float32; where the device's memory is the host's, one pass on the
 * host does it. Both give the same bits.
 */
final class NormalizedImages {
    /** How many numbers the host makes at once, beside the bytes. */
    private static final int MOST_AT_ONCE = 1 << 17;

    private NormalizedImages() {}

    /** Writes a batch's images into a floating tensor of their layout. */
    static void write(Session session, Batch batch, int field, Tensor target) {
        if (session.backend().isHostMemory() && target.dtype() == DType.FLOAT32) {
            writeOnHost(session, batch, field, target);
            return;
        }
        try (Scope scope = session.scope("normalization")) {
            Tensor bytes = session.empty(DType.UINT8, batch.layout(field));
            session.write(batch.bytes(field), bytes);
            Tensor x = target.dtype() == DType.FLOAT32 ? target.assign(bytes) : bytes.to(DType.FLOAT32);
            normalize(x, batch.fields().get(field).normalization());
            if (batch.isCropped(field)) {
                x = withoutPadding(x, batch, field);
            }
            if (x != target) {
                target.assign(x);
            }
        }
    }

    private static void writeOnHost(Session session, Batch batch, int field, Tensor target) {
        int elements = batch.fields().get(field).elements();
        int most = Math.max(1, MOST_AT_ONCE / elements);
        for (int n = 0; n < batch.size(); n += most) {
            int count = Math.min(most, batch.size() - n);
            session.write(batch.normalized(field, n, count), count * elements, target, (long) n * elements);
        }
    }

    /** Normalises images [N, C, H, W] in place. */
    private static void normalize(Tensor x, ChannelNormalization by) {
        int channels = by.channels();
        float[] row = new float[x.shape().size(3) * channels];
        Arrays.fill(row, 255);
        update(x, BinaryOp.DIVIDE, row);
        for (int i = 0; i < row.length; i++) {
            row[i] = by.mean(i % channels);
        }
        update(x, BinaryOp.SUBTRACT, row);
        for (int i = 0; i < row.length; i++) {
            row[i] = by.std(i % channels);
        }
        update(x, BinaryOp.DIVIDE, row);
    }

    /** Applies an operation to every row with the same values [W, C]. */
    private static void update(Tensor x, BinaryOp op, float[] row) {
        Shape shape = x.shape();
        Tensor values = x.session()
                .empty(DType.FLOAT32, Layout.channelsLast(shape.with(0, 1).with(2, 1)));
        x.session().write(row, values);
        x.update(op, values.expand(shape));
    }

    /** Returns the images with 0 in their padding, whatever its bytes became. */
    private static Tensor withoutPadding(Tensor x, Batch batch, int field) {
        Shape shape = x.shape();
        Tensor zero = x.session().full(0, Shape.scalar(), DType.FLOAT32);
        Tensor rows = places(x, batch.imageRows(field), shape.with(1, 1).with(3, 1));
        Tensor columns = places(x, batch.imageColumns(field), shape.with(2, 1));
        return Tensor.where(columns, Tensor.where(rows, x, zero), zero);
    }

    private static Tensor places(Tensor x, byte[] own, Shape shape) {
        Tensor bytes = x.session().empty(DType.UINT8, Layout.channelsLast(shape));
        x.session().write(own, bytes);
        return bytes.to(DType.BOOL);
    }
}
