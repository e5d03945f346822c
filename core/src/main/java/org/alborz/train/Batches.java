package org.alborz.train;

import org.alborz.data.Batch;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.text.Given;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/** Brings a batch of the data loader to the device. */
final class Batches {
    private Batches() {}

    /** Refuses a shape of another number of values than the batch's samples have: they would be read as other samples. */
    static void requireShape(Batch batch, Shape sample) {
        if (Given.value(sample, "A batch", "the shape of a sample").elements() != batch.sampleElements()) {
            throw new IllegalArgumentException("A batch of samples of " + batch.sampleElements()
                    + " values expects a shape of as many, got " + sample + " of " + sample.elements()
                    + "; give the sampleShape() of the batch's dataset");
        }
    }

    /** Returns the inputs {@code [N, …sample]}, images stored channels-last as the loader wrote them. */
    static Tensor inputs(Session session, Batch batch, Shape sample) {
        requireShape(batch, sample);
        Tensor inputs = emptyInputs(session, batch.size(), sample);
        session.write(batch.inputs(), inputs);
        return inputs;
    }

    /** Returns the labels, int32 {@code [N]}. */
    static Tensor labels(Session session, Batch batch) {
        Tensor labels = emptyLabels(session, batch.size());
        session.write(batch.labels(), labels);
        return labels;
    }

    static Tensor emptyInputs(Session session, int size, Shape sample) {
        return session.empty(session.dtype(), Layout.channelsLast(sample.insert(0, size)))
                .named("input");
    }

    static Tensor emptyLabels(Session session, int size) {
        return session.empty(DType.INT32, Layout.rowMajor(Shape.of(size))).named("labels");
    }
}
