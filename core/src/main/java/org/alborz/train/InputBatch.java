package org.alborz.train;

import org.alborz.data.Batch;
import org.alborz.nn.BatchTensors;
import org.alborz.tensor.Session;
import org.alborz.type.Shape;

/** A batch to compute: one of the loader's, in the host's memory, or one among the data that the device keeps. */
sealed interface InputBatch {
    /** Returns how many samples it has. */
    int size();

    /** Returns its place in the epoch, from 0. */
    int index();

    /** Returns how many fields it has. */
    int fields();

    /** Returns the shape of a field, {@code [N, …]}. */
    Shape shape(int field);

    /** Returns new tensors for such a batch, of undefined content. */
    BatchTensors empty(Session session);

    /** Writes its values into tensors for such a batch. */
    void write(BatchTensors tensors);

    /** Returns new tensors with its values. */
    default BatchTensors tensors(Session session) {
        BatchTensors tensors = empty(session);
        write(tensors);
        return tensors;
    }

    /** One that is uploaded. */
    record OfHost(Batch batch) implements InputBatch {
        @Override
        public int size() {
            return batch.size();
        }

        @Override
        public int index() {
            return batch.index();
        }

        @Override
        public int fields() {
            return batch.fields().size();
        }

        @Override
        public Shape shape(int field) {
            return batch.shape(field);
        }

        @Override
        public BatchTensors empty(Session session) {
            return Batches.empty(session, batch);
        }

        @Override
        public void write(BatchTensors tensors) {
            Batches.write(tensors.get(0).session(), batch, tensors);
        }
    }

    /** One that is gathered on the device, of the epoch that was begun. */
    record OfDevice(DeviceImages images, int index, int size) implements InputBatch {
        @Override
        public int fields() {
            return images.fields().size();
        }

        @Override
        public Shape shape(int field) {
            return images.fields().get(field).shape().insert(0, size);
        }

        @Override
        public BatchTensors empty(Session session) {
            return images.empty(size);
        }

        @Override
        public void write(BatchTensors tensors) {
            images.write(index, tensors);
        }
    }
}
