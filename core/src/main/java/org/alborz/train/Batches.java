package org.alborz.train;

import java.util.List;
import org.alborz.data.Batch;
import org.alborz.data.Field;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/** Brings a batch of the data loader to the device. */
final class Batches {
    private Batches() {}

    /** Refuses fields that a classifier has no use for. */
    static void requireClassification(List<Field> fields) {
        if (fields.size() < 2
                || fields.get(0).type() != DType.FLOAT32
                || fields.get(1).type() != DType.INT32
                || fields.get(1).shape().rank() != 0) {
            throw new IllegalArgumentException(
                    "A classifier expects data with float32 inputs in field 0 and an int32 label in field 1, got "
                            + fields);
        }
    }

    /** Returns the inputs {@code [N, …]}, images stored channels-last as the loader wrote them. */
    static Tensor inputs(Session session, Batch batch) {
        Tensor inputs = emptyInputs(session, batch.layout(0));
        session.write(batch.floats(0), inputs);
        return inputs;
    }

    /** Returns the labels, int32 {@code [N]}. */
    static Tensor labels(Session session, Batch batch) {
        Tensor labels = emptyLabels(session, batch.size());
        session.write(batch.ints(1), labels);
        return labels;
    }

    static Tensor emptyInputs(Session session, Layout layout) {
        return session.empty(session.dtype(), layout).named("input");
    }

    static Tensor emptyLabels(Session session, int size) {
        return session.empty(DType.INT32, Layout.rowMajor(Shape.of(size))).named("labels");
    }
}
