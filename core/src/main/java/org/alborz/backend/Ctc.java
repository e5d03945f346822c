package org.alborz.backend;

/**
 * Connectionist temporal classification (Graves et al. 2006, equations 5 to 16): the negative log-probability of sequences of labels under all
 * their alignments with longer sequences of outputs, and its gradient. Operands are row-major: log-probabilities {@code [N, T, C]} of any
 * floating type, int32 labels {@code [N, L]}, of whose rows only the first {@code labelLengths[n]} are read, and the int32 lengths {@code [N]} of
 * outputs, 0 to T, and labels, 0 to L. A label that is no class or a length beyond these is reported as an index outside of its axis is.
 * Whatever the type, sums are of float64.
 */
public non-sealed interface Ctc extends EngineFusion {
    /** What a loss is computed from; the blank is the class that means no label. */
    record Inputs(int blank, Operand logs, Operand labels, Operand inputLengths, Operand labelLengths) {
        public int samples() {
            return logs.shape().size(0);
        }

        /** Returns T. */
        public int times() {
            return logs.shape().size(1);
        }

        public int classes() {
            return logs.shape().size(2);
        }

        /** Returns L. */
        public int mostLabels() {
            return labels.shape().size(1);
        }
    }

    /** Computes the losses {@code [N]}; ∞ where labels do not fit into the outputs. */
    void forward(Inputs inputs, Operand losses);

    /** Computes the gradient of all log-probabilities, 0 after a sequence's end and for a loss of ∞, from that of the losses. */
    void backward(Inputs inputs, Operand dLosses, Operand dLogs);
}
