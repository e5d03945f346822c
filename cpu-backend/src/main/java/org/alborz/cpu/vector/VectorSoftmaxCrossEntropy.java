package org.alborz.cpu.vector;

import org.alborz.backend.Operand;
import org.alborz.backend.SoftmaxCrossEntropy;
import org.alborz.cpu.memory.CpuBuffer;
import org.alborz.cpu.memory.Int32Buffer;
import org.alborz.type.DType;

/** Softmax and cross-entropy row by row: of float32 in {@link CrossEntropyRows}, of other types in float64. */
final class VectorSoftmaxCrossEntropy implements SoftmaxCrossEntropy {
    private final WorkerPool workers;
    private final CrossEntropyRows floats;

    VectorSoftmaxCrossEntropy(WorkerPool workers) {
        this.workers = workers;
        this.floats = new CrossEntropyRows(workers);
    }

    @Override
    public void forward(double labelSmoothing, Operand logits, Operand labels, Operand losses) {
        int classes = logits.shape().size(1);
        int[] own = ((Int32Buffer) CpuBuffer.of(labels)).array();
        if (logits.dtype() == DType.FLOAT32) {
            floats.forward(labelSmoothing, logits, own, Floats.at(labels), losses);
            return;
        }
        CpuBuffer x = CpuBuffer.of(logits);
        CpuBuffer y = CpuBuffer.of(losses);
        forEachRow(logits, row -> {
            int at = Floats.at(logits) + row * classes;
            double largest = largest(x, at, classes);
            double log = logSum(x, at, classes, largest);
            double ofLabel = x.get(at + label(own, Floats.at(labels) + row, row, classes));
            double loss = (1 - labelSmoothing) * (log - (ofLabel - largest));
            for (int c = 0; c < classes && labelSmoothing > 0; c++) {
                loss += labelSmoothing / classes * (log - (x.get(at + c) - largest));
            }
            y.set(Floats.at(losses) + row, loss);
        });
    }

    @Override
    public void backward(double labelSmoothing, Operand logits, Operand labels, Operand dlosses, Operand dlogits) {
        int classes = logits.shape().size(1);
        int[] own = ((Int32Buffer) CpuBuffer.of(labels)).array();
        if (logits.dtype() == DType.FLOAT32) {
            floats.backward(labelSmoothing, logits, own, Floats.at(labels), dlosses, dlogits);
            return;
        }
        CpuBuffer x = CpuBuffer.of(logits);
        CpuBuffer dy = CpuBuffer.of(dlosses);
        CpuBuffer dx = CpuBuffer.of(dlogits);
        forEachRow(logits, row -> {
            int at = Floats.at(logits) + row * classes;
            int to = Floats.at(dlogits) + row * classes;
            double largest = largest(x, at, classes);
            double log = logSum(x, at, classes, largest);
            double gradient = dy.get(Floats.at(dlosses) + row);
            int label = label(own, Floats.at(labels) + row, row, classes);
            for (int c = 0; c < classes; c++) {
                double target = labelSmoothing / classes + (c == label ? 1 - labelSmoothing : 0);
                dx.set(to + c, (Math.exp(x.get(at + c) - largest - log) - target) * gradient);
            }
        });
    }

    private interface RowTask {
        void run(int row);
    }

    private void forEachRow(Operand logits, RowTask work) {
        int rows = logits.shape().size(0);
        int perTask = Math.max(1, 512 / Math.max(1, logits.shape().size(1)));
        workers.run(Gemm.ceilDiv(rows, perTask), (task, worker) -> {
            for (int row = task * perTask; row < Math.min(rows, (task + 1) * perTask); row++) {
                work.run(row);
            }
        });
    }

    private static double largest(CpuBuffer x, int at, int classes) {
        double largest = Double.NEGATIVE_INFINITY;
        for (int c = 0; c < classes; c++) {
            largest = Math.max(largest, x.get(at + c));
        }
        return largest;
    }

    /** Returns {@code ln Σ exp(x − largest)}, which would be lost in a sum with a largest element of great magnitude. */
    private static double logSum(CpuBuffer x, int at, int classes, double largest) {
        double sum = 0;
        for (int c = 0; c < classes; c++) {
            sum += Math.exp(x.get(at + c) - largest);
        }
        return Math.log(sum);
    }

    static int label(int[] labels, int at, int row, int classes) {
        int label = labels[at];
        if (label < 0 || label >= classes) {
            throw new IndexOutOfBoundsException("Label " + label + " of row " + row + " is not one of the " + classes
                    + " classes; expected 0 to " + (classes - 1) + ". Check the data or the size of the last layer.");
        }
        return label;
    }
}
