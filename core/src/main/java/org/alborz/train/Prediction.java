package org.alborz.train;

import java.util.function.BiConsumer;
import org.alborz.data.Batch;
import org.alborz.data.BatchIterator;
import org.alborz.data.DataLoader;
import org.alborz.nn.BatchTensors;
import org.alborz.nn.Model;
import org.alborz.nn.Pass;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;

/** Computes an objective's outputs for the batches of a loader. */
final class Prediction {
    private final Model model;
    private final Objective objective;

    /** The name of a result of the objective; null for what it calls its output. */
    private final String name;

    Prediction(Model model, Objective objective, String name) {
        this.model = model;
        this.objective = objective;
        this.name = name;
    }

    void run(DataLoader loader, BiConsumer<Batch, Tensor> each) {
        try (BatchIterator batches = loader.epoch(0)) {
            for (Batch batch = batches.next(); batch != null; batch = batches.next()) {
                try (Scope scope = model.session().scope("prediction")) {
                    each.accept(batch, output(Batches.upload(model.session(), batch)));
                }
            }
        }
    }

    private Tensor output(BatchTensors batch) {
        if (name == null) {
            Tensor output = objective.output(batch, Pass.evaluation());
            if (output == null) {
                throw new IllegalArgumentException("The objective " + objective.settings()
                        + " returned null as its output; return the tensor that predictions are made of");
            }
            return output;
        }
        Losses.of(objective, batch, Pass.evaluation());
        return batch.get(name);
    }

    /** Returns the outputs of all batches; refuses those that are not one after another. */
    Predictions all(DataLoader loader) {
        float[][] values = new float[loader.batchesPerEpoch()][];
        Shape[] shapes = new Shape[values.length];
        run(loader, (batch, output) -> {
            if (output.shape().rank() == 0 || output.shape().size(0) != batch.size()) {
                throw new IllegalArgumentException("predict expects an output for each of " + batch.size()
                        + " samples, got " + output.describe() + "; use predict with a callback");
            }
            if (batch.index() > 0 && !output.shape().with(0, 1).equals(shapes[0].with(0, 1))) {
                throw new IllegalArgumentException("predict expects outputs of one shape, got " + shapes[0] + " and "
                        + output.shape() + "; use predict with a callback");
            }
            shapes[batch.index()] = output.shape();
            values[batch.index()] = output.toFloats();
        });
        return joined(values, shapes);
    }

    private static Predictions joined(float[][] values, Shape[] shapes) {
        long count = 0;
        int samples = 0;
        for (int i = 0; i < values.length; i++) {
            count += values[i].length;
            samples += shapes[i].size(0);
        }
        if (count > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException("predict would return " + count
                    + " numbers, more than an array holds; use predict with a callback");
        }
        float[] all = new float[(int) count];
        int at = 0;
        for (float[] part : values) {
            System.arraycopy(part, 0, all, at, part.length);
            at += part.length;
        }
        return new Predictions(shapes[0].with(0, samples), all);
    }
}
