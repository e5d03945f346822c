package org.alborz.train;

import org.alborz.data.Batch;
import org.alborz.data.ChannelNormalization;
import org.alborz.ops.Engine;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/**
 * Brings images that are kept as bytes to the device as numbers. The bytes are sent, a quarter of the numbers, and become
 * {@code (byte / 255 − mean) / std} there ({@link NormalizePixels}), each operation rounded to float32; where the device's memory is the host's, one pass on the
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
            Tensor bytes = session.uploaded(batch.bytes(field), batch.layout(field));
            boolean padded = batch.isCropped(field);
            Shape shape = target.shape();
            int images = shape.size(0);
            Engine.into(
                    target,
                    new NormalizePixels(target.dtype()),
                    bytes,
                    keptStatistics(session, batch.fields().get(field).normalization()),
                    padded ? bytes(session, batch.imageRows(field), Shape.of(images, shape.size(2))) : null,
                    padded
                            ? bytes(session, batch.imageColumns(field), Shape.of(images, shape.size(3), shape.size(1)))
                            : null);
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

    /** Returns the means of the channels and then their deviations, [2, C]. */
    static Tensor statistics(Session session, ChannelNormalization by) {
        Tensor statistics = session.empty(DType.FLOAT32, Layout.rowMajor(Shape.of(2, by.channels())));
        session.write(numbers(by), statistics);
        return statistics;
    }

    /** Returns the same, uploaded once for a session, whose they are. */
    private static Tensor keptStatistics(Session session, ChannelNormalization by) {
        return session.constant(numbers(by), DType.FLOAT32, Shape.of(2, by.channels()));
    }

    private static double[] numbers(ChannelNormalization by) {
        int channels = by.channels();
        double[] values = new double[2 * channels];
        for (int c = 0; c < channels; c++) {
            values[c] = by.mean(c);
            values[channels + c] = by.std(c);
        }
        return values;
    }

    /** Returns a tensor of the first bytes of an array. */
    private static Tensor bytes(Session session, byte[] values, Shape shape) {
        return session.uploaded(values, Layout.rowMajor(shape));
    }
}
