package org.alborz.cuda.ops;

import org.alborz.backend.Operand;

/**
 * Copies between layouts and types: several at once where they follow each other, in the kernel of the step that made them, by tiles where the inner axes change
 * places, or element by element.
 */
final class Copy {
    private static final int DENSE = 1024;
    private static final int STRIDED = 256;

    private final LaunchContext context;
    private final OffsetCalculator axes = new OffsetCalculator();
    private final Transpose transpose;

    Copy(LaunchContext context) {
        this.context = context;
        this.transpose = new Transpose(context);
    }

    void run(Operand x, Operand y) {
        long n = Operands.elements(y);
        if (n == 0) {
            return;
        }
        boolean dense = axes.over(x.layout(), y.layout()).isContiguous();
        boolean alike = x.dtype() == y.dtype();
        if (dense && alike) {
            if (Operands.address(x) != Operands.address(y)) {
                context.copies().add(y, x, n);
            }
        } else if (dense && CopyBatch.converts(x.dtype(), y.dtype())) {
            context.copies().add(y, x, n);
        } else if (!(dense && context.steps().copies(x, y)) && !(alike && transposes(x, y))) {
            if (dense) {
                context.kernels().copy(x.dtype(), y.dtype(), x, y, n);
            } else {
                context.kernels().copyStrided(x.dtype(), y.dtype(), x, y, axes, n);
            }
            context.run(n, dense ? DENSE : STRIDED);
        }
    }

    /** Does it by tiles where the result's innermost axis is another than the source's, and theirs is all that differs. */
    private boolean transposes(Operand x, Operand y) {
        int rank = axes.rank();
        if (rank < 2 || rank > 3 || axes.stride(1, rank - 1) != 1 || axes.stride(0, rank - 2) != 1) {
            return false;
        }
        int batch = rank == 3 ? axes.size(0) : 1;
        transpose.run(
                x.dtype(),
                x,
                y,
                axes.size(rank - 1),
                axes.size(rank - 2),
                batch,
                rank == 3 ? axes.stride(0, 0) : 0,
                axes.stride(0, rank - 1),
                rank == 3 ? axes.stride(1, 0) : 0,
                axes.stride(1, rank - 2));
        return true;
    }
}
