package org.alborz.nn;

import org.alborz.tensor.Tensor;
import org.alborz.text.Given;

/**
 * Distillation (Hinton, Vinyals and Dean 2015): {@code α·T²·KL(softmax(teacher / T) ‖ softmax(student / T)) + (1 − α)·crossEntropy(student,
 * labels)}. The factor T² keeps the size of the first part's gradient for any temperature. The tensors are the student's logits {@code [N, …,
 * C]}, the teacher's, to which no gradient flows, and classes {@code [N, …]}.
 *
 * @param temperature T, above 0
 * @param alpha the soft targets' share, in [0, 1]
 * @param hard the loss against the classes; without class weights and ignored targets, whose means differ
 */
public record DistillationLoss(double temperature, double alpha, CrossEntropyLoss hard) implements TernaryLoss {
    public DistillationLoss {
        LossInput.requirePositive("distillation", "temperature", temperature);
        if (!(alpha >= 0 && alpha <= 1)) {
            throw new IllegalArgumentException("distillation expects alpha in [0, 1], got " + alpha);
        }
        Given.value(hard, "distillation", "a cross-entropy");
    }

    /** Makes one with plain cross-entropy against the classes. */
    public DistillationLoss(double temperature, double alpha) {
        this(temperature, alpha, Loss.crossEntropy());
    }

    /** Computes a term for each sample and position, {@code [N, …]}. */
    @Override
    public Tensor terms(Tensor student, Tensor teacher, Tensor labels) {
        Tensor logits = LossInput.wide("distillation", LossInput.of(student));
        LossInput.requireAlike("distillation", "the logits of student and teacher", logits, teacher);
        Tensor scaled = teacher.detach().to(logits.dtype()).mul(1 / temperature);
        Tensor wanted = scaled.softmax();
        Tensor distance = scaled.logSoftmax().sub(logits.mul(1 / temperature).logSoftmax());
        Tensor soft = LossInput.weighted(wanted, distance).sum(false, -1);
        return soft.mul(alpha * temperature * temperature)
                .add(hard.terms(logits, labels).mul(1 - alpha));
    }
}
