package org.alborz.train;

import org.alborz.nn.BatchTensors;
import org.alborz.nn.Loss;
import org.alborz.nn.Model;
import org.alborz.nn.Pass;
import org.alborz.nn.TargetKind;
import org.alborz.nn.TargetRange;
import org.alborz.tensor.Tensor;
import org.alborz.text.Given;

/** A loss of what a model makes of field 0, against field 1. */
record SupervisedObjective(Model model, Loss loss, TestTimeAugmentation views) implements Objective {
    SupervisedObjective {
        Given.value(model, "An objective", "a model");
        Given.value(loss, "An objective", "a loss");
        Given.value(views, "An objective", "a test-time augmentation");
    }

    @Override
    public Tensor of(BatchTensors batch, Pass pass) {
        if (batch.fields() < 2) {
            throw new IllegalArgumentException("Supervised training expects data with inputs in field 0 and targets in"
                    + " field 1, got only " + batch.names()
                    + ". Give the data a target, or use Trainer.of with an objective of your own");
        }
        Tensor output = output(batch, pass);
        batch.put(BatchTensors.OUTPUT, output);
        Objective.nameTarget(batch);
        Tensor mean = loss.of(output, batch.get(1));
        if (mean == null) {
            throw new IllegalArgumentException("The loss " + loss.settings() + " returned null for outputs "
                    + output.shape() + "; return a tensor with one element");
        }
        Tensor weight = loss.weight(output, batch.get(1));
        if (weight != null) {
            batch.put(BatchTensors.WEIGHT, weight);
        }
        return mean;
    }

    @Override
    public Tensor output(BatchTensors batch, Pass pass) {
        return views.forward(model, batch.get(0), pass);
    }

    @Override
    public String settings() {
        return loss.settings() + (views.equals(TestTimeAugmentation.NONE) ? "" : " evaluated by " + views);
    }

    @Override
    public int classes(BatchTensors batch) {
        return loss.classes(batch.get(BatchTensors.OUTPUT).shape());
    }

    @Override
    public TargetRange targets() {
        return loss.targets();
    }

    @Override
    public TargetKind targetKind() {
        return loss.targetKind();
    }
}
