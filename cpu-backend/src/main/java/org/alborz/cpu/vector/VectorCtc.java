package org.alborz.cpu.vector;

import org.alborz.backend.Ctc;
import org.alborz.backend.Operand;
import org.alborz.cpu.scalar.CtcSequences;

/** Connectionist temporal classification, a sequence a task: computed as the reference's, on all threads. */
final class VectorCtc implements Ctc {
    private final WorkerPool workers;
    private final CtcSequences[] sequences;

    VectorCtc(WorkerPool workers) {
        this.workers = workers;
        sequences = new CtcSequences[workers.threads()];
        for (int i = 0; i < sequences.length; i++) {
            sequences[i] = new CtcSequences();
        }
    }

    @Override
    public void forward(Inputs inputs, Operand losses) {
        CtcSequences.Problem problem = CtcSequences.Problem.of(inputs, null, losses);
        workers.run(inputs.samples(), (n, worker) -> sequences[worker].forward(problem, n));
    }

    @Override
    public void backward(Inputs inputs, Operand dLosses, Operand dLogs) {
        CtcSequences.Problem problem = CtcSequences.Problem.of(inputs, dLosses, dLogs);
        workers.run(inputs.samples(), (n, worker) -> sequences[worker].backward(problem, n));
    }
}
