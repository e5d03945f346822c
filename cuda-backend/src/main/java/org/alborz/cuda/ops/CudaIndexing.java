package org.alborz.cuda.ops;

import org.alborz.backend.Elementwise;
import org.alborz.backend.Indexing;
import org.alborz.backend.Operand;
import org.alborz.cuda.memory.TemporaryBuffer;
import org.alborz.type.DType;
import org.alborz.type.Layout;

/** Reading and writing by index; an index outside of its axis is reported at the next wait. */
final class CudaIndexing implements Indexing {
    private static final int PER_BLOCK = 256;

    private final LaunchContext context;
    private final Elementwise elementwise;
    private final IndexFaults faults;
    private final OffsetCalculator axes = new OffsetCalculator();

    CudaIndexing(LaunchContext context, Elementwise elementwise, IndexFaults faults) {
        this.context = context;
        this.elementwise = elementwise;
        this.faults = faults;
    }

    @Override
    public void gather(int axis, Operand x, Operand indices, Operand y) {
        long n = Operands.elements(y);
        if (n == 0) {
            return;
        }
        Layout from = x.layout();
        Layout into = y.layout();
        int indexed = into.shape().axis(axis);
        int number = 0;
        axes.begin(2);
        for (int i = 0; i < into.shape().rank(); i++) {
            int size = into.shape().size(i);
            if (i == indexed) {
                number = axes.axisApart(size, 0, into.stride(i));
            } else {
                axes.axis(size, from.stride(i), into.stride(i), 0, 0);
            }
        }
        context.kernels()
                .gather(
                        y.dtype(),
                        x,
                        indices,
                        y,
                        axes,
                        number,
                        from.shape().size(indexed),
                        from.stride(indexed),
                        n,
                        faults);
        context.run(n, PER_BLOCK);
    }

    @Override
    public void scatterAdd(int axis, Operand x, Operand indices, Operand y) {
        if (Operands.elements(y) == 0) {
            return;
        }
        DType sums = y.dtype().accumulator();
        if (sums == y.dtype()) {
            scatterAdd(axis, x, indices, y.layout(), y);
            return;
        }
        // Sums of 16 bits would round at every addition.
        try (TemporaryBuffer wide = context.pool().borrow(sums, Operands.elements(y))) {
            Layout layout = y.layout().compact();
            scatterAdd(axis, x, indices, layout, wide);
            elementwise.copy(new DeviceOperand(wide.buffer(), layout), y);
        }
    }

    private void scatterAdd(int axis, Operand x, Operand indices, Layout into, Operand sums) {
        Layout from = x.layout();
        int indexed = into.shape().axis(axis);
        axes.begin(2);
        for (int i = 0; i < into.shape().rank(); i++) {
            if (i != indexed) {
                axes.axis(into.shape().size(i), from.stride(i), into.stride(i), 0, 0);
            }
        }
        context.kernels()
                .scatterAdd(
                        x.dtype(),
                        x,
                        indices,
                        sums,
                        axes,
                        into.shape().size(indexed),
                        from.shape().size(indexed),
                        from.stride(indexed),
                        into.stride(indexed),
                        axes.elements(),
                        faults);
        context.run(axes.elements(), PER_BLOCK);
    }

    @Override
    public void oneHot(Operand indices, Operand y) {
        long n = Operands.elements(y);
        if (n > 0) {
            context.kernels()
                    .oneHot(
                            y.dtype(),
                            indices,
                            y,
                            y.shape().size(0),
                            y.shape().size(1),
                            y.layout().stride(0),
                            y.layout().stride(1),
                            faults);
            context.run(n, PER_BLOCK);
        }
    }
}
