package org.alborz.cuda.ops;

import org.alborz.backend.GruCell;
import org.alborz.backend.Operand;

/** A GRU's gates in one launch, forward and backward. */
final class CudaGruCell implements GruCell {
    private final LaunchContext context;

    CudaGruCell(LaunchContext context) {
        this.context = context;
    }

    @Override
    public void forward(Operand ofInput, Operand ofHidden, Operand hidden, Operand next, Operand gates) {
        long n = Operands.elements(hidden);
        if (n > 0) {
            int width = hidden.shape().size(1);
            context.kernels().gruCell(hidden.dtype(), ofInput, ofHidden, hidden, next, gates, n, width);
            context.run(n, LaunchContext.THREADS);
        }
    }

    @Override
    public void backward(
            Operand hidden, Operand gates, Operand dNext, Operand dOfInput, Operand dOfHidden, Operand dHidden) {
        long n = Operands.elements(hidden);
        if (n > 0) {
            int width = hidden.shape().size(1);
            context.kernels()
                    .gruCellBackward(hidden.dtype(), hidden, gates, dNext, dOfInput, dOfHidden, dHidden, n, width);
            context.run(n, LaunchContext.THREADS);
        }
    }
}
