package org.alborz.train;

import org.alborz.nn.BatchTensors;
import org.alborz.nn.Loss;
import org.alborz.nn.Model;
import org.alborz.nn.Pass;
import org.alborz.nn.TargetKind;
import org.alborz.nn.TargetRange;
import org.alborz.tensor.Tensor;
import org.alborz.text.Described;

/**
 * What training makes small: computes the loss of a batch, with as many inputs, outputs and targets as it likes.
 *
 * <pre>{@code
 * Objective autoencoder = (batch, pass) -> {
 *     Tensor image = batch.get("image");
 *     Tensor output = model.forward(image, pass);
 *     batch.put("output", output);           // for metrics and predictions
 *     return Loss.mse().of(output, image);
 * };
 * }</pre>
 */
@FunctionalInterface
public interface Objective {
    /**
     * Computes the mean loss of a batch as a tensor with one element, by recorded operations on parameters that the pass gives.
     *
     * @param batch the fields of the data; results that metrics or predictions read are put into it
     * @param pass what this run is for: training or evaluation
     */
    Tensor of(BatchTensors batch, Pass pass);

    /** Computes the output that predictions are made of: what {@link #of} puts as {@link BatchTensors#OUTPUT}, unless overridden. */
    default Tensor output(BatchTensors batch, Pass pass) {
        of(batch, pass);
        return batch.get(BatchTensors.OUTPUT);
    }

    /** Returns the objective in words; a resumed run must have the same. The class's {@code toString}, or its name, unless overridden. */
    default String settings() {
        return Described.of(this);
    }

    /**
     * Returns the field of the data that {@link #classes}, {@link #targetKind} and {@link #targets} are about.
     *
     * @param fields how many the data have
     */
    default int labelField(int fields) {
        return 1;
    }

    /**
     * Returns how many classes the label field of the data may name, so that training refuses others before it changes anything; the largest int,
     * as by default, where it holds something else.
     *
     * @param batch a batch that {@link #of} was computed of
     */
    default int classes(BatchTensors batch) {
        return Integer.MAX_VALUE;
    }

    /**
     * Returns what the label field holds, which decides what metrics of the target count; unknown, as by default. A number that is ignored needs to name
     * no class.
     */
    default TargetKind targetKind() {
        return TargetKind.ANY;
    }

    /** Returns which numbers the label field may have, so that training refuses others before it changes anything; any, as by default. */
    default TargetRange targets() {
        return TargetRange.ANY;
    }

    /**
     * Tells metrics that field 1 of the data is what the loss compares with, which is a question where there are more than two fields.
     *
     * @throws IllegalArgumentException when another field has the target's name
     */
    static void nameTarget(BatchTensors batch) {
        if (batch.fields() == 2) {
            return; // it is no question then
        }
        if (!batch.has(BatchTensors.TARGET)) {
            batch.put(BatchTensors.TARGET, batch.get(1));
        } else if (batch.get(BatchTensors.TARGET) != batch.get(1)) {
            throw new IllegalArgumentException(
                    "Supervised training takes field 1 as the target, and the data have a field '"
                            + BatchTensors.TARGET + "' elsewhere: " + batch.names()
                            + ". Declare it as field 1, or use Trainer.of with an objective of your own");
        }
    }

    /** Returns the loss of a model's output for field 0 of the data against field 1. */
    static Objective supervised(Model model, Loss loss) {
        return supervised(model, loss, TestTimeAugmentation.NONE);
    }

    /** Returns the same, with outputs that are means over several views of each image where the model is evaluated. */
    static Objective supervised(Model model, Loss loss, TestTimeAugmentation views) {
        return new SupervisedObjective(model, loss, views);
    }
}
