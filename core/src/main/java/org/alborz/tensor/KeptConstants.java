package org.alborz.tensor;

import java.nio.Buffer;
import java.nio.DoubleBuffer;
import java.nio.IntBuffer;
import java.util.HashMap;
import java.util.Map;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/**
 * Numbers that operations are composed with, such as the weights that resize an image: uploaded once for a session, so that later steps neither upload
 * them nor, on a GPU, fail to be captured for it. What no longer fits is uploaded each time; nothing is taken out, since a captured step
 * may read it.
 */
final class KeptConstants {
    private static final int MOST = 1024;
    private static final long MOST_NUMBERS = 1 << 24;

    private final Session session;
    private final Map<Object, Tensor> kept = new HashMap<>();
    private long numbers;

    KeptConstants(Session session) {
        this.session = session;
    }

    /** Equal numbers in a buffer, of one type and shape. */
    private record Key(Buffer values, DType type, Shape shape) {}

    /** The numbers from {@code start} to before {@code end}. */
    private record Range(int start, int end) {}

    /** Returns the int32 numbers from {@code start} to before {@code end}, which nobody may change or close. */
    Tensor range(int start, int end) {
        Range key = new Range(start, end);
        Tensor known = kept.get(key);
        return known != null ? known : keep(key, session.arange(start, end));
    }

    /** Returns int32 numbers, which nobody may change or close. */
    Tensor of(int[] values, Shape shape) {
        Key key = new Key(IntBuffer.wrap(values), DType.INT32, shape);
        Tensor known = kept.get(key);
        return known != null ? known : keep(key, session.tensor(values, shape));
    }

    /** Returns numbers of a floating type, which nobody may change or close. */
    Tensor of(double[] values, DType type, Shape shape) {
        Key key = new Key(DoubleBuffer.wrap(values), type, shape);
        Tensor known = kept.get(key);
        if (known != null) {
            return known;
        }
        Tensor made = session.empty(type, Layout.rowMajor(shape));
        session.write(values, made);
        return keep(key, made);
    }

    private Tensor keep(Object key, Tensor made) {
        long count = made.shape().elements();
        if (kept.size() < MOST && numbers + count <= MOST_NUMBERS) {
            numbers += count;
            kept.put(key, made.unowned());
        }
        return made;
    }

    void clear() {
        kept.values().forEach(Tensor::close);
        kept.clear();
        numbers = 0;
    }
}
