package org.alborz.train;

import java.util.List;
import org.alborz.data.Batch;
import org.alborz.data.Field;
import org.alborz.nn.BatchTensors;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.Layout;

/** Brings batches of the data loader to the device. */
public final class Batches {
    private Batches() {}

    /** Returns tensors for a batch, with its values. */
    public static BatchTensors upload(Session session, Batch batch) {
        BatchTensors tensors = empty(session, batch);
        write(session, batch, tensors);
        return tensors;
    }

    /** Returns tensors for batches like this one, of undefined content. */
    static BatchTensors empty(Session session, Batch batch) {
        BatchTensors tensors = new BatchTensors(batch.size());
        List<Field> fields = batch.fields();
        for (int i = 0; i < fields.size(); i++) {
            tensors.field(fields.get(i).name(), empty(session, fields.get(i), batch.layout(i)));
        }
        return tensors;
    }

    /** Returns tensors of zeros for some samples. */
    static BatchTensors zeros(Session session, List<Field> fields, int samples) {
        BatchTensors tensors = new BatchTensors(samples);
        for (Field field : fields) {
            Layout layout = field.layout(field.shape().insert(0, samples));
            tensors.field(field.name(), empty(session, field, layout).fill(0));
        }
        return tensors;
    }

    /** Returns a tensor for the values of a field, of undefined content. */
    static Tensor empty(Session session, Field field, Layout layout) {
        return session.empty(field.typeIn(session.dtype()), layout).named(field.name());
    }

    /** Copies a batch's values into tensors made for such batches. */
    static void write(Session session, Batch batch, BatchTensors tensors) {
        for (int i = 0; i < batch.fields().size(); i++) {
            write(session, batch, i, tensors.get(i));
        }
    }

    /** Copies a field's values into a tensor of {@link Field#typeIn its type} and of the batch's layout. */
    public static void write(Session session, Batch batch, int field, Tensor target) {
        Field of = batch.fields().get(field);
        if (of.isNormalized()) {
            NormalizedImages.write(session, batch, field, target);
            return;
        }
        switch (of.type()) {
            case FLOAT32 -> session.write(batch.floats(field), target);
            case FLOAT64 -> session.write(batch.doubles(field), target);
            case INT32 -> session.write(batch.ints(field), target);
            case INT64 -> session.write(batch.longs(field), target);
            case UINT8 -> session.write(batch.bytes(field), target);
            case BOOL -> session.write(batch.booleans(field), target);
            case FLOAT16, BFLOAT16 -> throw new IllegalArgumentException("No batch has the field " + of);
        }
    }
}
