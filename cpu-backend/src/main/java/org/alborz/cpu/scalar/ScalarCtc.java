package org.alborz.cpu.scalar;

import org.alborz.backend.Ctc;
import org.alborz.backend.Operand;

/** Connectionist temporal classification, one sequence after the other. */
public final class ScalarCtc implements Ctc {
    private final CtcSequences sequences = new CtcSequences();

    @Override
    public void forward(Inputs inputs, Operand losses) {
        CtcSequences.Problem problem = CtcSequences.Problem.of(inputs, null, losses);
        for (int n = 0; n < inputs.samples(); n++) {
            sequences.forward(problem, n);
        }
    }

    @Override
    public void backward(Inputs inputs, Operand dLosses, Operand dLogs) {
        CtcSequences.Problem problem = CtcSequences.Problem.of(inputs, dLosses, dLogs);
        for (int n = 0; n < inputs.samples(); n++) {
            sequences.backward(problem, n);
        }
    }
}
