package org.alborz.cuda.ops;

import org.alborz.backend.BinaryOp;
import org.alborz.backend.Elementwise;
import org.alborz.backend.Operand;
import org.alborz.backend.UnaryOp;
import org.alborz.cuda.driver.Kernel;
import org.alborz.cuda.driver.Launcher;

/** Elementwise functions: a kernel for operands that have the same layout, which moves 16 bytes at once, and one for all others. */
final class CudaElementwise implements Elementwise {
    private static final int DENSE = 1024;
    private static final int STRIDED = 256;

    private final LaunchContext context;
    private final OffsetCalculator axes = new OffsetCalculator();
    private final TypedKernel unary;
    private final TypedKernel unaryStrided;
    private final TypedKernel binary;
    private final TypedKernel binaryStrided;
    private final TypedKernel where;
    private final TypedKernel whereStrided;
    private final TypedKernel fill;
    private final TypedKernel fillStrided;
    private final Copy copy;

    CudaElementwise(LaunchContext context) {
        this.context = context;
        unary = context.kernel("unary");
        unaryStrided = context.kernel("unary_strided");
        binary = context.kernel("binary");
        binaryStrided = context.kernel("binary_strided");
        where = context.kernel("where");
        whereStrided = context.kernel("where_strided");
        fill = context.kernel("fill");
        fillStrided = context.kernel("fill_strided");
        copy = new Copy(context);
    }

    @Override
    public void unary(UnaryOp op, double parameter, Operand x, Operand y) {
        long n = Operands.elements(y);
        if (n > 0) {
            boolean dense = axes.over(x.layout(), y.layout()).isContiguous();
            finish(
                    begin(dense ? unary : unaryStrided, y)
                            .value(op.ordinal())
                            .value(parameter)
                            .address(Operands.address(x))
                            .address(Operands.address(y)),
                    dense,
                    n);
        }
    }

    @Override
    public void binary(BinaryOp op, Operand a, Operand b, Operand y) {
        long n = Operands.elements(y);
        if (n > 0) {
            boolean dense = axes.over(a.layout(), b.layout(), y.layout()).isContiguous();
            finish(
                    begin(dense ? binary : binaryStrided, y)
                            .value(op.ordinal())
                            .address(Operands.address(a))
                            .address(Operands.address(b))
                            .address(Operands.address(y)),
                    dense,
                    n);
        }
    }

    @Override
    public void where(Operand condition, Operand a, Operand b, Operand y) {
        long n = Operands.elements(y);
        if (n > 0) {
            boolean dense = axes.over(condition.layout(), a.layout(), b.layout(), y.layout())
                    .isContiguous();
            finish(
                    begin(dense ? where : whereStrided, y)
                            .address(Operands.address(condition))
                            .address(Operands.address(a))
                            .address(Operands.address(b))
                            .address(Operands.address(y)),
                    dense,
                    n);
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
            finish(begin(dense ? fill : fillStrided, y).value(value).address(Operands.address(y)), dense, n);
        }
    }

    private Launcher begin(TypedKernel kernel, Operand y) {
        Kernel typed = kernel.of(y.dtype());
        return context.launch(typed);
    }

    private void finish(Launcher launcher, boolean dense, long n) {
        if (!dense) {
            axes.passTo(launcher);
        }
        launcher.value(n);
        context.run(n, dense ? DENSE : STRIDED);
    }
}
