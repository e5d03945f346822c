package org.alborz.cuda.ops;

import org.alborz.backend.Elementwise;
import org.alborz.backend.Indexing;
import org.alborz.backend.Operand;
import org.alborz.cuda.memory.TemporaryBuffer;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/**
 * Reading and writing by index; an index outside of its axis is reported at the next wait.
 *
 * <p>Before they are added, slices are put in the order of their indices, so that all slices of an index are neighbours; {@link #RUN} of them
 * are added up by one thread for each column, in the order they came in, and these sums by index, run by run. So many slices of one index
 * keep many threads busy, and the order of additions depends on the indices alone.
 */
final class CudaIndexing implements Indexing {
    private static final int PER_BLOCK = 256;

    /** How many keys a block sorts, and how many slices a thread adds up; known to the kernels. */
    private static final int PIECE = 256;

    private static final int RUN = 64;

    private final LaunchContext context;
    private final Elementwise elementwise;
    private final IndexFaults faults;
    private final OffsetCalculator axes = new OffsetCalculator();
    private final CudaArgSort sorter;

    CudaIndexing(LaunchContext context, Elementwise elementwise, IndexFaults faults) {
        this.context = context;
        this.elementwise = elementwise;
        this.faults = faults;
        this.sorter = new CudaArgSort(context, elementwise);
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
        elementwise.fill(0, sums);
        int count = from.shape().size(indexed);
        int size = into.shape().size(indexed);
        if (count > 0) {
            try (TemporaryBuffer keys = context.pool().borrow(DType.INT64, count);
                    TemporaryBuffer others = context.pool().borrow(DType.INT64, count)) {
                TemporaryBuffer sorted = sort(indices, size, count, keys, others);
                add(x, sorted, sums, size, count, from.stride(indexed), into.stride(indexed));
            }
        }
    }

    /** Puts index and position of each slice in order, and returns which of the two buffers has them. */
    private TemporaryBuffer sort(Operand indices, int size, int count, TemporaryBuffer one, TemporaryBuffer two) {
        context.kernels().scatterAddSort(indices, one, size, count, faults);
        context.run(count, PIECE);
        TemporaryBuffer from = one;
        TemporaryBuffer into = two;
        for (long width = PIECE; width < count; width *= 2) {
            context.kernels().scatterAddMerge(from, into, width, count);
            context.run(count, PER_BLOCK);
            TemporaryBuffer merged = into;
            into = from;
            from = merged;
        }
        return from;
    }

    private void add(Operand x, Operand keys, Operand sums, int size, int count, long xStride, long yStride) {
        long columns = axes.elements();
        long runs = (count + RUN - 1L) / RUN;
        try (TemporaryBuffer partial = context.pool().borrow(sums.dtype(), runs * columns)) {
            context.kernels()
                    .scatterAdd(x.dtype(), x, keys, sums, partial, axes, size, count, xStride, yStride, columns);
            context.run(runs * columns, PER_BLOCK);
            if (runs > 1) {
                context.kernels().scatterAddJoin(x.dtype(), keys, partial, sums, axes, size, count, yStride, columns);
                context.run(runs * columns, PER_BLOCK);
            }
        }
    }

    @Override
    public void takeAlongAxis(int axis, Operand x, Operand indices, Operand y) {
        long n = Operands.elements(y);
        if (n == 0) {
            return;
        }
        Layout from = x.layout();
        axes.over(without(axis, from, y.shape()), indices.layout(), y.layout());
        context.kernels()
                .takeAlongAxis(y.dtype(), x, indices, y, axes, from.shape().size(axis), from.stride(axis), n, faults);
        context.run(n, PER_BLOCK);
    }

    /** Returns a layout whose axis is repeated with stride 0 to the size that it has in a shape. */
    private static Layout without(int axis, Layout layout, Shape shape) {
        return layout.narrow(axis, 0, 1, 1).expand(shape);
    }

    @Override
    public void scatterAddAlongAxis(int axis, Operand x, Operand indices, Operand y) {
        int count = countable("scatterAddAlongAxis", x, y);
        if (count == 0 || Operands.elements(y) == 0) {
            elementwise.fill(0, y);
            return;
        }
        try (TemporaryBuffer places = places(axis, indices, y, count)) {
            scatterAdd(0, flat(x), places, flat(y));
        }
    }

    @Override
    public void scatterAlongAxis(int axis, Operand x, Operand indices, Operand y) {
        int count = countable("scatterAlongAxis", x, y);
        if (count == 0 || Operands.elements(y) == 0) {
            return;
        }
        int size = (int) Operands.elements(y);
        try (TemporaryBuffer places = places(axis, indices, y, count);
                TemporaryBuffer keys = context.pool().borrow(DType.INT64, count);
                TemporaryBuffer others = context.pool().borrow(DType.INT64, count)) {
            TemporaryBuffer sorted = sort(places, size, count, keys, others);
            context.kernels().scatterAlongAxis(y.dtype(), x, sorted, y, size, count);
            context.run(count, PER_BLOCK);
        }
    }

    private static int countable(String operation, Operand x, Operand y) {
        Operands.requireCountable(operation, x.shape());
        Operands.requireCountable(operation, y.shape());
        return (int) Operands.elements(x);
    }

    /** Returns where in y each element goes. */
    private TemporaryBuffer places(int axis, Operand indices, Operand y, int count) {
        TemporaryBuffer places = context.pool().borrow(DType.INT32, count);
        Layout into = y.layout();
        axes.over(without(axis, into, indices.shape()), indices.layout());
        context.kernels()
                .alongAxisPlaces(indices, places, axes, into.shape().size(axis), into.stride(axis), count, faults);
        context.run(count, PER_BLOCK);
        return places;
    }

    /** Returns a row-major operand as one row. */
    private static Operand flat(Operand operand) {
        Shape row = Shape.of((int) Operands.elements(operand));
        return new DeviceOperand(Operands.buffer(operand), operand.layout().reshape(row));
    }

    @Override
    public void argSort(int axis, boolean descending, Operand x, Operand indices) {
        sorter.run(axis, descending, x, indices);
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
