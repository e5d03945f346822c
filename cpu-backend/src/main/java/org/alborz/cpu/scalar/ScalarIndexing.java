package org.alborz.cpu.scalar;

import org.alborz.backend.Indexing;
import org.alborz.backend.Operand;
import org.alborz.cpu.memory.CpuBuffer;
import org.alborz.cpu.memory.Int32Buffer;
import org.alborz.type.Layout;

/** Reading and writing by index, for operands of any strides. */
public final class ScalarIndexing implements Indexing {
    private final StridedIterator iterator = new StridedIterator();
    private final double[] block = new double[StridedIterator.BLOCK];
    private final RowBuffer totals = new RowBuffer();

    @Override
    public void gather(int axis, Operand x, Operand indices, Operand y) {
        CpuBuffer from = CpuBuffer.of(x);
        CpuBuffer into = CpuBuffer.of(y);
        iterator.startWithout(x.shape().axis(axis), x.layout(), y.layout());
        for (int k = 0; k < indices.shape().size(0); k++) {
            int index = index("gather", indices, k, x.shape().size(axis));
            iterator.restart();
            iterator.move(0, index * x.layout().stride(axis));
            iterator.move(1, k * y.layout().stride(axis));
            while (iterator.next()) {
                iterator.copy(0, from, 1, into, block);
            }
        }
    }

    @Override
    public void scatterAdd(int axis, Operand x, Operand indices, Operand y) {
        double[] total = totals.filled(y.shape().elements(), 0);
        Layout totalLayout = Layout.rowMajor(y.shape());
        CpuBuffer from = CpuBuffer.of(x);
        iterator.startWithout(x.shape().axis(axis), x.layout(), totalLayout);
        for (int k = 0; k < indices.shape().size(0); k++) {
            int index = index("scatterAdd", indices, k, y.shape().size(axis));
            iterator.restart();
            iterator.move(0, k * x.layout().stride(axis));
            iterator.move(1, index * totalLayout.stride(axis));
            while (iterator.next()) {
                iterator.read(0, from, block);
                int at = iterator.at(1);
                for (int i = 0; i < iterator.length(); i++, at += iterator.step(1)) {
                    total[at] += block[i];
                }
            }
        }
        Totals.store(total, totalLayout, y, iterator, block);
    }

    @Override
    public void takeAlongAxis(int axis, Operand x, Operand indices, Operand y) {
        LineOperations.take(axis, x, indices, y, 0, new Lines(axis, y.layout()).count());
    }

    @Override
    public void scatterAddAlongAxis(int axis, Operand x, Operand indices, Operand y) {
        double[] total = totals.filled(y.shape().size(axis), 0);
        LineOperations.add(axis, x, indices, y, 0, new Lines(axis, y.layout()).count(), total);
    }

    @Override
    public void scatterAlongAxis(int axis, Operand x, Operand indices, Operand y) {
        LineOperations.put(axis, x, indices, y, 0, new Lines(axis, y.layout()).count());
    }

    @Override
    public void argSort(int axis, boolean descending, Operand x, Operand indices) {
        LineOperations.argSort(axis, descending, x, indices, 0, new Lines(axis, x.layout()).count());
    }

    @Override
    public void oneHot(Operand indices, Operand y) {
        CpuBuffer into = CpuBuffer.of(y);
        Layout layout = y.layout();
        int classes = y.shape().size(1);
        for (int k = 0; k < y.shape().size(0); k++) {
            int index = index("oneHot", indices, k, classes);
            for (int c = 0; c < classes; c++) {
                into.set((int) (layout.offset() + k * layout.stride(0) + c * layout.stride(1)), c == index ? 1 : 0);
            }
        }
    }

    private static int index(String what, Operand indices, int k, int size) {
        int index = ((Int32Buffer) CpuBuffer.of(indices))
                .array()[(int) indices.layout().offset() + k];
        if (index < 0 || index >= size) {
            throw new IndexOutOfBoundsException(what + " expects indices from 0 to " + (size - 1) + ", got " + index
                    + " at position " + k + ". Check the labels or indices.");
        }
        return index;
    }
}
