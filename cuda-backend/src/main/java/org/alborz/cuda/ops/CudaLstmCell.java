package org.alborz.cuda.ops;

import org.alborz.backend.LstmCell;
import org.alborz.backend.Operand;

/** An LSTM's gates in one launch, forward and backward. */
final class CudaLstmCell implements LstmCell {
    private final LaunchContext context;

    CudaLstmCell(LaunchContext context) {
        this.context = context;
    }

    @Override
    public void forward(Operand ofInput, Operand ofHidden, Operand cell, Operand hidden, Operand next, Operand gates) {
        long n = Operands.elements(cell);
        if (n > 0) {
            int width = cell.shape().size(1);
            context.kernels().lstmCell(cell.dtype(), ofInput, ofHidden, cell, hidden, next, gates, n, width);
            context.run(n, LaunchContext.THREADS);
        }
    }

    @Override
    public void backward(
            Operand cell, Operand next, Operand gates, Operand dHidden, Operand dNext, Operand dSums, Operand dCell) {
        long n = Operands.elements(cell);
        if (n > 0) {
            int width = cell.shape().size(1);
            context.kernels().lstmCellBackward(cell.dtype(), cell, next, gates, dHidden, dNext, dSums, dCell, n, width);
            context.run(n, LaunchContext.THREADS);
        }
    }
}
