package org.alborz.cpu.vector;

import org.alborz.backend.Operand;

/** Softmax and cross-entropy of float32 logits, row by row and on all threads. */
final class CrossEntropyRows {
    private final WorkerPool workers;

    // The call that runs now; kept here, so that a call makes no objects.
    private float[] logits;
    private int[] labels;
    private float[] losses;
    private float[] gradients;
    private int logitsAt;
    private int labelsAt;
    private int lossesAt;
    private int gradientsAt;
    private int rows;
    private int classes;
    private double smoothing;

    private final ThreadTeam.Task forward = this::forwardRows;
    private final ThreadTeam.Task backward = this::backwardRows;

    CrossEntropyRows(WorkerPool workers) {
        this.workers = workers;
    }

    void forward(double labelSmoothing, Operand x, int[] own, int ownAt, Operand y) {
        start(labelSmoothing, x, own, ownAt, y);
        run(forward);
    }

    void backward(double labelSmoothing, Operand x, int[] own, int ownAt, Operand dy, Operand dx) {
        start(labelSmoothing, x, own, ownAt, dy);
        gradients = Floats.of(dx);
        gradientsAt = Floats.at(dx);
        run(backward);
    }

    private void start(double labelSmoothing, Operand x, int[] own, int ownAt, Operand perRow) {
        smoothing = labelSmoothing;
        rows = x.shape().size(0);
        classes = x.shape().size(1);
        logits = Floats.of(x);
        logitsAt = Floats.at(x);
        labels = own;
        labelsAt = ownAt;
        losses = Floats.of(perRow);
        lossesAt = Floats.at(perRow);
    }

    private void run(ThreadTeam.Task task) {
        try {
            workers.run(Gemm.ceilDiv(rows, SoftmaxRows.perTask(classes)), task);
        } finally {
            logits = null; // they may go back to the pool
            labels = null;
            losses = null;
            gradients = null;
        }
    }

    private void forwardRows(int task, int worker) {
        int first = task * SoftmaxRows.perTask(classes);
        int count = Math.min(SoftmaxRows.perTask(classes), rows - first);
        Workspace workspace = workers.workspace(worker);
        float[] maxima = workspace.block(1, count);
        float[] exponentials = workspace.floats(Workspace.Use.PARTIAL, (long) count * classes);
        SoftmaxRows.exponentials(logits, logitsAt + first * classes, count, classes, exponentials, 0, maxima);
        for (int i = 0; i < count; i++) {
            int at = logitsAt + (first + i) * classes;
            double largest = maxima[i];
            double log = SoftmaxRows.log(SoftmaxRows.sum(exponentials, i * classes, classes, workspace.block(0)));
            double loss = (1 - smoothing) * (log - (logits[at + label(first + i)] - largest));
            for (int c = 0; c < classes && smoothing > 0; c++) {
                loss += smoothing / classes * (log - (logits[at + c] - largest));
            }
            losses[lossesAt + first + i] = (float) loss;
        }
    }

    private void backwardRows(int task, int worker) {
        int first = task * SoftmaxRows.perTask(classes);
        int count = Math.min(SoftmaxRows.perTask(classes), rows - first);
        float[] sums = workers.workspace(worker).block(0);
        float[] maxima = workers.workspace(worker).block(1, count);
        int start = gradientsAt + first * classes;
        SoftmaxRows.exponentials(logits, logitsAt + first * classes, count, classes, gradients, start, maxima);
        for (int i = 0; i < count; i++) {
            int at = start + i * classes;
            int label = label(first + i);
            double sum = SoftmaxRows.sum(gradients, at, classes, sums);
            double gradient = losses[lossesAt + first + i];
            double ofLabel = gradients[at + label] / sum;
            SoftmaxRows.scale(
                    (float) (gradient / sum), (float) (-smoothing / classes * gradient), gradients, at, classes);
            gradients[at + label] = (float) ((ofLabel - smoothing / classes - (1 - smoothing)) * gradient);
        }
    }

    private int label(int row) {
        return VectorSoftmaxCrossEntropy.label(labels, labelsAt + row, row, classes);
    }
}
