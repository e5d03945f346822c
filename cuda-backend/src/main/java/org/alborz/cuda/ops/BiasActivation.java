package org.alborz.cuda.ops;

import org.alborz.backend.Operand;
import org.alborz.type.Activation;
import org.alborz.type.DType;

/**
 * What comes after a product or a convolution, in place: a bias for each column, an addend for each element, and an activation.
 *
 * <p>A launch that adds a bias and nothing else is kept back until other work comes ({@link org.alborz.cuda.driver.Stream#delay}): if that is GELU of
 * the sums, or an addition to them, one launch does both.
 */
final class BiasActivation {
    private static final int PER_BLOCK = 1024;

    private final LaunchContext context;
    private final Runnable launch = this::launch;

    // Of the launch that is kept back.
    private DeviceOperand keptBias;
    private DType keptType;
    private long keptBiasAddress;
    private long keptAddress;
    private long keptRows;
    private long keptColumns;

    BiasActivation(LaunchContext context) {
        this.context = context;
    }

    /**
     * Computes {@code y = activation(y + bias + addend)}.
     *
     * @param bias {@code [columns]}, or null
     * @param addend as y, or null
     * @param y rows of columns, in one piece
     */
    void apply(Operand bias, Operand addend, Activation activation, Operand y, long rows, long columns) {
        if (bias == null && addend == null && activation == Activation.NONE) {
            return;
        }
        context.kernels().bias(y.dtype(), bias, addend, activation, y, rows, columns);
        if (addend != null || activation != Activation.NONE) {
            context.run(rows * columns, PER_BLOCK);
            return;
        }
        keptBias = new DeviceOperand(Operands.buffer(bias), bias.layout());
        keptType = y.dtype();
        keptBiasAddress = Operands.address(bias);
        keptAddress = Operands.address(y);
        keptRows = rows;
        keptColumns = columns;
        context.stream().delay(launch);
    }

    /** Puts the launch on the stream whose arguments were written. */
    private void launch() {
        context.run(keptRows * keptColumns, PER_BLOCK);
    }

    /**
     * Adds the bias that was kept back for x and computes {@code y = gelu(x)}; all are of one dense order.
     *
     * @return whether there was one; if not, nothing is done
     */
    boolean addsBeforeGelu(Operand x, Operand y) {
        return adds(x, null, y);
    }

    /** Adds the bias that was kept back for a or b and computes {@code y = a + b}, likewise. */
    boolean addsBeforeAddition(Operand a, Operand b, Operand y) {
        boolean differ = Operands.address(a) != Operands.address(b);
        return differ && (adds(a, b, y) || adds(b, a, y));
    }

    private boolean adds(Operand x, Operand other, Operand y) {
        boolean fits = context.stream().isDelayed(launch)
                && Operands.address(x) == keptAddress
                && Operands.elements(x) == keptRows * keptColumns
                && x.dtype() == keptType
                && keepsTheBias(y);
        if (fits) {
            context.stream().dropDelayed();
            context.kernels().biasThen(keptType, keptBias, x, other, x, y, keptRows, keptColumns);
            context.run(keptRows * keptColumns, PER_BLOCK);
        }
        return fits;
    }

    /** Tells whether the bias can still be read while y is written: its memory may have been handed out again, to y as well. */
    private boolean keepsTheBias(Operand y) {
        long begin = Operands.address(y);
        return keptBias.dtype() == keptType
                && Operands.address(keptBias) == keptBiasAddress
                && (keptBiasAddress + keptColumns * keptType.bytes() <= begin
                        || begin + keptRows * keptColumns * keptType.bytes() <= keptBiasAddress);
    }
}
