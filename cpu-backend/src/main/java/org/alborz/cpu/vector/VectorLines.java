package org.alborz.cpu.vector;

import org.alborz.backend.Operand;
import org.alborz.cpu.memory.CpuBuffer;
import org.alborz.cpu.memory.Float32Buffer;
import org.alborz.cpu.memory.Int32Buffer;
import org.alborz.cpu.scalar.LineOperations;
import org.alborz.cpu.scalar.Lines;
import org.alborz.type.DType;

/**
 * Operations along the lines of one axis, with the reference's bits: the lines are shared by all threads, and those of float32 have loops of
 * their own for what is called most.
 */
final class VectorLines {
    private final WorkerPool workers;

    VectorLines(WorkerPool workers) {
        this.workers = workers;
    }

    /** Some neighbouring lines. */
    private interface Part {
        void run(long from, long to, int worker);
    }

    private void share(long lines, long elements, Part part) {
        if (lines == 0) {
            return;
        }
        long perTask = Math.max(1, ParallelStridedIterator.TASK_ELEMENTS * lines / Math.max(1, elements));
        int tasks = (int) ((lines + perTask - 1) / perTask);
        workers.run(tasks, (task, worker) -> part.run(task * perTask, Math.min(lines, (task + 1) * perTask), worker));
    }

    void take(int axis, Operand x, Operand indices, Operand y) {
        Operand wholeX = Slices.shared(x);
        Operand wholeIndices = Slices.shared(indices);
        Operand wholeY = Slices.shared(y);
        long lines = new Lines(axis, wholeY.layout()).count();
        share(lines, wholeY.shape().elements(), (from, to, worker) -> {
            if (wholeX.dtype() == DType.FLOAT32) {
                takeFloats(axis, wholeX, wholeIndices, wholeY, from, to);
            } else {
                LineOperations.take(axis, wholeX, wholeIndices, wholeY, from, to);
            }
        });
    }

    private static void takeFloats(int axis, Operand x, Operand indices, Operand y, long from, long to) {
        Lines lines = new Lines(axis, x.layout(), indices.layout(), y.layout());
        float[] source = ((Float32Buffer) CpuBuffer.of(x)).array();
        float[] target = ((Float32Buffer) CpuBuffer.of(y)).array();
        int[] places = ((Int32Buffer) CpuBuffer.of(indices)).array();
        int size = lines.length(0);
        int n = lines.length(1);
        int dx = lines.step(0);
        int di = lines.step(1);
        int dy = lines.step(2);
        for (long line = from; line < to; line++) {
            int xi = lines.at(0, line);
            int ii = lines.at(1, line);
            int yi = lines.at(2, line);
            for (int i = 0; i < n; i++) {
                int place = places[ii + i * di];
                if (place < 0 || place >= size) {
                    // The reference says which one it is.
                    LineOperations.take(axis, x, indices, y, line, line + 1);
                }
                target[yi + i * dy] = source[xi + place * dx];
            }
        }
    }

    void add(int axis, Operand x, Operand indices, Operand y) {
        Operand wholeX = Slices.shared(x);
        Operand wholeIndices = Slices.shared(indices);
        Operand wholeY = Slices.shared(y);
        long lines = new Lines(axis, wholeY.layout()).count();
        int size = wholeY.shape().size(axis);
        long elements = Math.max(wholeX.shape().elements(), wholeY.shape().elements());
        share(
                lines,
                elements,
                (from, to, worker) -> LineOperations.add(
                        axis,
                        wholeX,
                        wholeIndices,
                        wholeY,
                        from,
                        to,
                        workers.workspace(worker).doubles(size)));
    }

    void put(int axis, Operand x, Operand indices, Operand y) {
        Operand wholeX = Slices.shared(x);
        Operand wholeIndices = Slices.shared(indices);
        Operand wholeY = Slices.shared(y);
        long lines = new Lines(axis, wholeY.layout()).count();
        share(
                lines,
                wholeX.shape().elements(),
                (from, to, worker) -> LineOperations.put(axis, wholeX, wholeIndices, wholeY, from, to));
    }

    void scan(int axis, boolean reverse, Operand a, Operand x, Operand y) {
        Operand wholeA = Slices.shared(a);
        Operand wholeX = Slices.shared(x);
        Operand wholeY = Slices.shared(y);
        long lines = new Lines(axis, wholeY.layout()).count();
        share(
                lines,
                wholeX.shape().elements(),
                (from, to, worker) -> LineOperations.scan(axis, reverse, wholeA, wholeX, wholeY, from, to));
    }

    void argSort(int axis, boolean descending, Operand x, Operand indices) {
        Operand wholeX = Slices.shared(x);
        Operand wholeIndices = Slices.shared(indices);
        if (wholeIndices.shape().elements() == 0) {
            return;
        }
        long lines = new Lines(axis, wholeX.layout()).count();
        boolean isWide = wholeX.dtype() == DType.FLOAT64 || wholeX.dtype() == DType.INT64;
        share(lines, wholeX.shape().elements(), (from, to, worker) -> {
            if (isWide) {
                LineOperations.argSort(axis, descending, wholeX, wholeIndices, from, to);
            } else {
                new PackedKeys(axis, descending, wholeX, wholeIndices).sort(from, to);
            }
        });
    }
}
