package org.alborz.spark;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.alborz.nn.Model;
import org.alborz.nn.Pass;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.type.Shape;
import org.apache.spark.TaskContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.util.TaskCompletionListener;

/** The rows of a partition with the model's outputs, computed a batch at a time. The session is closed when the task ends. */
final class PredictedRows implements Iterator<Row> {
    private final Iterator<Row> rows;

    /** How many columns the result has before the output; the inputs follow them. */
    private final int kept;

    private final SampleColumns inputs;
    private final NetSource net;
    private final Broadcast<byte[]> weights;
    private final String backend;
    private final int batchSize;
    private final ArrayDeque<Row> ready = new ArrayDeque<>();

    /** Null until the first row is asked for: a partition may have none. */
    private Session session;

    private Model model;
    private long read;

    PredictedRows(
            Iterator<Row> rows,
            int kept,
            SampleColumns inputs,
            NetSource net,
            Broadcast<byte[]> weights,
            String backend,
            int batchSize) {
        this.rows = rows;
        this.kept = kept;
        this.inputs = inputs;
        this.net = net;
        this.weights = weights;
        this.backend = backend;
        this.batchSize = batchSize;
    }

    @Override
    public boolean hasNext() {
        return !ready.isEmpty() || rows.hasNext();
    }

    @Override
    public Row next() {
        if (ready.isEmpty()) {
            if (!rows.hasNext()) {
                throw new NoSuchElementException();
            }
            predict();
        }
        return ready.remove();
    }

    private void open() {
        TaskContext task = TaskContext.get();
        session = Session.builder(backend).threads(task.cpus()).open();
        task.addTaskCompletionListener((TaskCompletionListener) ended -> close());
        model = SparkModel.load(session, net, weights.value());
    }

    private void close() {
        try (Session closing = session) {
            if (model != null) {
                model.close();
            }
        }
    }

    private void predict() {
        if (session == null) {
            open();
        }
        List<Row> batch = new ArrayList<>();
        List<float[]> values = new ArrayList<>();
        int partition = TaskContext.getPartitionId();
        while (batch.size() < batchSize && rows.hasNext()) {
            Row row = rows.next();
            batch.add(row);
            values.add(inputs.input(row, kept, "row " + read + " of partition " + partition));
            read++;
        }
        int width = values.get(0).length;
        float[] all = new float[Math.multiplyExact(width, batch.size())];
        for (int i = 0; i < values.size(); i++) {
            if (values.get(i).length != width) {
                throw new IllegalArgumentException(
                        "The input columns " + inputs + " expect as many values in each row, got " + width + " and "
                                + values.get(i).length + " in partition " + partition);
            }
            System.arraycopy(values.get(i), 0, all, i * width, width);
        }
        Shape shape = inputs.fields(width).get(0).shape().insert(0, batch.size());
        try (Scope scope = session.scope("prediction")) {
            float[] outputs =
                    model.forward(session.tensor(all, shape), Pass.evaluation()).toFloats();
            int each = outputs.length / batch.size();
            for (int i = 0; i < batch.size(); i++) {
                ready.add(with(batch.get(i), outputs, i * each, each));
            }
        }
    }

    private Row with(Row row, float[] outputs, int from, int count) {
        Object[] values = new Object[kept + 1];
        for (int i = 0; i < kept; i++) {
            values[i] = row.get(i);
        }
        Float[] output = new Float[count];
        for (int i = 0; i < count; i++) {
            output[i] = outputs[from + i];
        }
        values[kept] = output;
        return RowFactory.create(values);
    }
}
