package org.alborz.cuda.ops;

import org.alborz.backend.BinaryOp;
import org.alborz.backend.Comparison;
import org.alborz.backend.Elementwise;
import org.alborz.backend.Operand;
import org.alborz.backend.UnaryOp;

/** Elementwise functions: a kernel for operands that have the same layout, which moves 16 bytes at once, and one for all others. */
final class CudaElementwise implements Elementwise {
    private static final int DENSE = 1024;
    private static final int STRIDED = 256;

    private final LaunchContext context;
    private final OffsetCalculator axes = new OffsetCalculator();
    private final Copy copy;
    private final BiasActivation biasActivation;

    CudaElementwise(LaunchContext context, BiasActivation biasActivation) {
        this.context = context;
        this.biasActivation = biasActivation;
        copy = new Copy(context);
    }

    @Override
    public void unary(UnaryOp op, double parameter, Operand x, Operand y) {
        long n = Operands.elements(y);
        if (n > 0) {
            boolean dense = axes.over(x.layout(), y.layout()).isContiguous();
            if (dense && op == UnaryOp.GELU && biasActivation.addsBeforeGelu(x, y)) {
                return;
            }
            if (dense) {
                context.kernels().unary(y.dtype(), op, parameter, x, y, n);
                context.run(n, DENSE);
            } else {
                context.kernels().unaryStrided(y.dtype(), op, parameter, x, y, axes, n);
                context.run(n, STRIDED);
            }
        }
    }

    @Override
    public void binary(BinaryOp op, Operand a, Operand b, Operand y) {
        long n = Operands.elements(y);
        if (n > 0) {
            boolean dense = axes.over(a.layout(), b.layout(), y.layout()).isContiguous();
            if (dense && op == BinaryOp.ADD && biasActivation.addsBeforeAddition(a, b, y)) {
                return;
            }
            if (dense) {
                context.kernels().binary(y.dtype(), op, a, b, y, n);
                context.run(n, DENSE);
            } else {
                context.kernels().binaryStrided(y.dtype(), op, a, b, y, axes, n);
                context.run(n, STRIDED);
            }
        }
    }

    @Override
    public void compare(Comparison op, Operand a, Operand b, Operand y) {
        long n = Operands.elements(y);
        if (n > 0) {
            boolean dense = axes.over(a.layout(), b.layout(), y.layout()).isContiguous();
            if (dense) {
                context.kernels().compare(a.dtype(), op, a, b, y, n);
                context.run(n, DENSE);
            } else {
                context.kernels().compareStrided(a.dtype(), op, a, b, y, axes, n);
                context.run(n, STRIDED);
            }
        }
    }

    @Override
    public void where(Operand condition, Operand a, Operand b, Operand y) {
        long n = Operands.elements(y);
        if (n > 0) {
            boolean dense = axes.over(condition.layout(), a.layout(), b.layout(), y.layout())
                    .isContiguous();
            if (dense) {
                context.kernels().where(y.dtype(), condition, a, b, y, n);
                context.run(n, DENSE);
            } else {
                context.kernels().whereStrided(y.dtype(), condition, a, b, y, axes, n);
                context.run(n, STRIDED);
            }
        }
    }

    @Override
    public void copy(Operand x, Operand y) {
        copy.run(x, y);
    }

    @Override
    public void fill(double value, Operand y) {
        long n = Operands.elements(y);
        if (n > 0) {
            boolean dense = axes.over(y.layout()).isContiguous();
            if (dense) {
                context.kernels().fill(y.dtype(), value, y, n);
                context.run(n, DENSE);
            } else {
                context.kernels().fillStrided(y.dtype(), value, y, axes, n);
                context.run(n, STRIDED);
            }
        }
    }
}
