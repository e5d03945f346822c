package org.alborz.ops;

import org.alborz.autograd.GradientSink;
import org.alborz.backend.Backend;
import org.alborz.backend.Ctc;
import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;

/**
 * The losses {@code [N]} of connectionist temporal classification, as {@link Ctc} has them. Inputs are log-probabilities {@code [N, T, C]}, and, int32
 * or int64, labels {@code [N, L]} and the lengths {@code [N]} of outputs and labels. The log-probabilities alone have a gradient.
 *
 * @param blank the class that means no label
 */
public record CtcOp(int blank) implements Op {
    static final int LOGS = 0;
    static final int LABELS = 1;
    static final int INPUT_LENGTHS = 2;
    static final int LABEL_LENGTHS = 3;

    @Override
    public String name() {
        return "ctc";
    }

    @Override
    public void infer(Call call) {
        require(call, blank);
        call.result(call.shape(INPUT_LENGTHS));
    }

    /** Refuses inputs that do not fit and asks for them row-major; what labels and lengths are is checked where they are. */
    static void require(Call call, int blank) {
        call.floating(LOGS);
        call.rank(LOGS, "log-probabilities", 3, "[N, T, C]");
        call.rank(LABELS, "labels", 2, "[N, L]");
        Shape logs = call.shape(LOGS);
        Shape lengths = Shape.of(logs.size(0));
        for (int i = LABELS; i <= LABEL_LENGTHS; i++) {
            if (i == LABELS
                    ? call.shape(i).size(0) != logs.size(0)
                    : !call.shape(i).equals(lengths)) {
                throw new IllegalArgumentException("ctc expects log-probabilities [N, T, C], labels [N, L] and lengths"
                        + " [N] of both, got " + call.describe(LOGS) + ", " + call.describe(LABELS) + ", "
                        + call.describe(INPUT_LENGTHS) + " and " + call.describe(LABEL_LENGTHS));
            }
        }
        if (blank < 0 || blank >= logs.size(2)) {
            throw new IllegalArgumentException(
                    "ctc expects a blank that is one of the " + logs.size(2) + " classes, got " + blank);
        }
        call.rowMajor(LOGS);
        call.indices(LABELS, logs.size(2));
        call.indices(INPUT_LENGTHS, logs.size(1) + 1);
        call.indices(LABEL_LENGTHS, call.shape(LABELS).size(1) + 1);
    }

    static Ctc.Inputs inputs(Call call, int blank) {
        return new Ctc.Inputs(blank, call.in(LOGS), call.in(LABELS), call.in(INPUT_LENGTHS), call.in(LABEL_LENGTHS));
    }

    @Override
    public void compute(Backend backend, Call call) {
        Ctc fusion = backend.fusion(Ctc.class).orElse(null);
        if (fusion != null) {
            fusion.forward(inputs(call, blank), call.out(0));
            return;
        }
        Tensor logs = call.tensor(LOGS);
        CtcComposition composition = new CtcComposition(
                blank, logs, call.tensor(LABELS), call.tensor(INPUT_LENGTHS), call.tensor(LABEL_LENGTHS));
        call.give(0, composition.losses().to(logs.dtype()));
    }

    @Override
    public int saves() {
        return Op.input(LOGS) | Op.input(LABELS) | Op.input(INPUT_LENGTHS) | Op.input(LABEL_LENGTHS);
    }

    @Override
    public boolean differentiable(int input) {
        return input == LOGS;
    }

    @Override
    public void gradient(Tensor dy, GradientSink inputs) {
        Tensor logs = inputs.input(LOGS);
        Tensor labels = inputs.input(LABELS);
        Tensor inputLengths = inputs.input(INPUT_LENGTHS);
        Tensor labelLengths = inputs.input(LABEL_LENGTHS);
        inputs.add(
                LOGS,
                inputs.differentiable()
                        ? composedGradient(blank, logs, labels, inputLengths, labelLengths, dy)
                        : Engine.apply(new CtcBackward(blank), logs, labels, inputLengths, labelLengths, dy));
    }

    static Tensor composedGradient(
            int blank, Tensor logs, Tensor labels, Tensor inputLengths, Tensor labelLengths, Tensor dLosses) {
        return new CtcComposition(blank, logs, labels, inputLengths, labelLengths)
                .gradient(dLosses)
                .to(logs.dtype());
    }
}
