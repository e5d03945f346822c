package org.alborz.cuda.ops;

import org.alborz.backend.Elementwise;
import org.alborz.backend.Indexing;
import org.alborz.backend.Operand;
import org.alborz.cuda.driver.Launcher;
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
    private final TypedKernel gather;
    private final TypedKernel scatterAdd;
    private final TypedKernel oneHot;

    CudaIndexing(LaunchContext context, Elementwise elementwise, IndexFaults faults) {
        this.context = context;
        this.elementwise = elementwise;
        this.faults = faults;
        gather = context.kernel("gather");
        scatterAdd = context.kernel("scatter_add");
        oneHot = context.kernel("one_hot");
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
        Launcher launcher = context.launch(gather.of(y.dtype()))
                .address(Operands.address(x))
                .address(Operands.address(indices))
                .address(Operands.address(y));
        axes.passTo(launcher);
        launcher.value(number)
                .value(from.shape().size(indexed))
                .value(from.stride(indexed))
                .value(n)
                .address(faults.address());
        context.run(n, PER_BLOCK);
    }

    @Override
    public void scatterAdd(int axis, Operand x, Operand indices, Operand y) {
        if (Operands.elements(y) == 0) {
            return;
        }
        DType sums = y.dtype().accumulator();
        if (sums == y.dtype()) {
            scatterAdd(axis, x, indices, y.layout(), Operands.address(y));
            return;
        }
        // Sums of 16 bits would round at every addition.
        try (TemporaryBuffer wide = context.pool().borrow(sums, Operands.elements(y))) {
            Layout layout = y.layout().compact();
            scatterAdd(axis, x, indices, layout, wide.address());
            elementwise.copy(new DeviceOperand(wide.buffer(), layout), y);
        }
    }

    private void scatterAdd(int axis, Operand x, Operand indices, Layout into, long address) {
        Layout from = x.layout();
        int indexed = into.shape().axis(axis);
        axes.begin(2);
        for (int i = 0; i < into.shape().rank(); i++) {
            if (i != indexed) {
                axes.axis(into.shape().size(i), from.stride(i), into.stride(i), 0, 0);
            }
        }
        Launcher launcher = context.launch(scatterAdd.of(x.dtype()))
                .address(Operands.address(x))
                .address(Operands.address(indices))
                .address(address);
        axes.passTo(launcher);
        launcher.value(into.shape().size(indexed))
                .value(from.shape().size(indexed))
                .value(from.stride(indexed))
                .value(into.stride(indexed))
                .value(axes.elements())
                .address(faults.address());
        context.run(axes.elements(), PER_BLOCK);
    }

    @Override
    public void oneHot(Operand indices, Operand y) {
        long n = Operands.elements(y);
        if (n > 0) {
            context.launch(oneHot.of(y.dtype()))
                    .address(Operands.address(indices))
                    .address(Operands.address(y))
                    .value((long) y.shape().size(0))
                    .value(y.shape().size(1))
                    .value(y.layout().stride(0))
                    .value(y.layout().stride(1))
                    .address(faults.address());
            context.run(n, PER_BLOCK);
        }
    }
}
