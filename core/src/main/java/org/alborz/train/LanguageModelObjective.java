package org.alborz.train;

import org.alborz.nn.BatchTensors;
import org.alborz.nn.CrossEntropyLoss;
import org.alborz.nn.Model;
import org.alborz.nn.Pass;
import org.alborz.nn.TargetKind;
import org.alborz.tensor.Tensor;

/** The cross-entropy of each next token: field 1 of the data, or field 0 moved by one place where the data have no other. */
record LanguageModelObjective(Model model, CrossEntropyLoss loss) implements Objective {
    @Override
    public Tensor of(BatchTensors batch, Pass pass) {
        Tensor logits = model.forwardComputed(inputs(batch), pass); // which the loss reads with 16 bits as well
        Tensor next = batch.fields() > 1 ? batch.get(1) : tokens(batch, 1);
        if (logits.shape().rank() != 3) {
            throw new IllegalArgumentException("A language model expects tokens [N, T] and a model with outputs"
                    + " [N, T, V], got outputs " + logits.shape() + " for tokens "
                    + batch.get(0).describe());
        }
        batch.put(BatchTensors.OUTPUT, logits);
        if (batch.fields() == 1) {
            batch.put(BatchTensors.TARGET, next);
        } else {
            Objective.nameTarget(batch);
        }
        Tensor mean = loss.of(logits, next);
        batch.put(BatchTensors.WEIGHT, loss.weight(logits, next));
        return mean;
    }

    @Override
    public Tensor output(BatchTensors batch, Pass pass) {
        return model.forward(inputs(batch), pass);
    }

    private static Tensor inputs(BatchTensors batch) {
        return batch.fields() > 1 ? batch.get(0) : tokens(batch, 0);
    }

    /** Returns all tokens but the last, or but the first. */
    private static Tensor tokens(BatchTensors batch, int from) {
        Tensor tokens = batch.get(0);
        if (tokens.shape().rank() != 2 || tokens.shape().size(1) < 2) {
            throw new IllegalArgumentException(
                    "A language model expects sequences [N, T] of at least 2 tokens, got " + tokens.describe());
        }
        return tokens.narrow(1, from, tokens.shape().size(1) - 1);
    }

    @Override
    public String settings() {
        return "next_token " + loss.settings();
    }

    @Override
    public int labelField(int fields) {
        return fields > 1 ? 1 : 0;
    }

    @Override
    public int classes(BatchTensors batch) {
        return loss.classes(batch.get(BatchTensors.OUTPUT).shape());
    }

    @Override
    public TargetKind targetKind() {
        return loss.targetKind();
    }
}
