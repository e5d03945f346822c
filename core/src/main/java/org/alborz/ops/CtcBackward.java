package org.alborz.ops;

import org.alborz.backend.Backend;
import org.alborz.backend.Ctc;

/** The gradient of {@link CtcOp}: of its inputs and the gradient of the losses it makes that of the log-probabilities. */
public record CtcBackward(int blank) implements Op {
    private static final int D_LOSSES = 4;

    @Override
    public String name() {
        return "ctc backward";
    }

    @Override
    public void infer(Call call) {
        CtcOp.require(call, blank);
        call.sameType(CtcOp.LOGS, D_LOSSES);
        if (!call.shape(D_LOSSES).equals(call.shape(CtcOp.INPUT_LENGTHS))) {
            throw new IllegalArgumentException("ctc's gradient expects one for each of the losses "
                    + call.shape(CtcOp.INPUT_LENGTHS) + ", got " + call.describe(D_LOSSES));
        }
        call.rowMajor(D_LOSSES);
        call.result(call.shape(CtcOp.LOGS));
    }

    @Override
    public void compute(Backend backend, Call call) {
        Ctc fusion = backend.fusion(Ctc.class).orElse(null);
        if (fusion != null) {
            fusion.backward(CtcOp.inputs(call, blank), call.in(D_LOSSES), call.out(0));
            return;
        }
        call.give(
                0,
                CtcOp.composedGradient(
                        blank,
                        call.tensor(CtcOp.LOGS),
                        call.tensor(CtcOp.LABELS),
                        call.tensor(CtcOp.INPUT_LENGTHS),
                        call.tensor(CtcOp.LABEL_LENGTHS),
                        call.tensor(D_LOSSES)));
    }

    @Override
    public int gradients() {
        return 0;
    }
}
