package org.alborz.cpu.vector;

import java.util.Arrays;
import org.alborz.backend.Operand;
import org.alborz.backend.Pooling;
import org.alborz.type.DType;
import org.alborz.type.Pool2dParameters;

/** Pooling of float32 images, in parallel over images or rows; other types go to the reference. */
final class VectorPooling implements Pooling {
    private final WorkerPool workers;
    private final Pooling reference;

    VectorPooling(WorkerPool workers, Pooling reference) {
        this.workers = workers;
        this.reference = reference;
    }

    /** Runs one task for each row of the result. */
    private void forEachRow(Windows g, RowTask work) {
        if (g.channels() > 0 && g.outputW() > 0) {
            workers.run(g.images() * g.outputH(), (task, worker) -> work.run(task / g.outputH(), task % g.outputH()));
        }
    }

    private interface RowTask {
        void run(int image, int i);
    }

    @Override
    public void max(Pool2dParameters p, Operand x, Operand y) {
        if (x.dtype() != DType.FLOAT32) {
            reference.max(p, x, y);
            return;
        }
        Windows g = Windows.of(p, x.shape(), y.shape());
        int pitch = g.width() * g.channels();
        float[] from = Floats.of(x);
        float[] into = Floats.of(y);
        forEachRow(g, (image, i) -> {
            for (int j = 0; j < g.outputW(); j++) {
                PoolingRows.max(
                        from,
                        Floats.at(x) + g.first(image, i, j),
                        g.rows(i),
                        g.columns(j),
                        g.channels(),
                        pitch,
                        into,
                        Floats.at(y) + g.output(image, i, j));
            }
        });
    }

    @Override
    public void average(Pool2dParameters p, Operand x, Operand y) {
        if (x.dtype() != DType.FLOAT32) {
            reference.average(p, x, y);
            return;
        }
        Windows g = Windows.of(p, x.shape(), y.shape());
        int pitch = g.width() * g.channels();
        float[] from = Floats.of(x);
        float[] into = Floats.of(y);
        forEachRow(g, (image, i) -> {
            for (int j = 0; j < g.outputW(); j++) {
                PoolingRows.average(
                        from,
                        Floats.at(x) + g.first(image, i, j),
                        g.rows(i),
                        g.columns(j),
                        g.channels(),
                        pitch,
                        g.size(),
                        into,
                        Floats.at(y) + g.output(image, i, j));
            }
        });
    }

    @Override
    public void maxBackward(Pool2dParameters p, Operand x, Operand y, Operand dy, Operand dx) {
        if (x.dtype() != DType.FLOAT32) {
            reference.maxBackward(p, x, y, dy, dx);
            return;
        }
        Windows g = Windows.of(p, x.shape(), y.shape());
        int pitch = g.width() * g.channels();
        float[] from = Floats.of(x);
        float[] results = Floats.of(y);
        float[] slopes = Floats.of(dy);
        float[] into = Floats.of(dx);
        // Windows may overlap, so an image is one task.
        workers.run(g.images(), (image, worker) -> {
            clear(into, Floats.at(dx) + image * g.imageSize(), g);
            for (int window = 0; window < g.outputH() * g.outputW(); window++) {
                int i = window / g.outputW();
                int j = window % g.outputW();
                int first = g.first(image, i, j);
                int output = g.output(image, i, j);
                PoolingRows.maxBackward(
                        from,
                        Floats.at(x) + first,
                        g.rows(i),
                        g.columns(j),
                        g.channels(),
                        pitch,
                        results,
                        slopes,
                        Floats.at(y) + output,
                        Floats.at(dy) + output,
                        into,
                        Floats.at(dx) + first);
            }
        });
    }

    @Override
    public void averageBackward(Pool2dParameters p, Operand dy, Operand dx) {
        if (dy.dtype() != DType.FLOAT32) {
            reference.averageBackward(p, dy, dx);
            return;
        }
        Windows g = Windows.of(p, dx.shape(), dy.shape());
        int pitch = g.width() * g.channels();
        float[] slopes = Floats.of(dy);
        float[] into = Floats.of(dx);
        workers.run(g.images(), (image, worker) -> {
            clear(into, Floats.at(dx) + image * g.imageSize(), g);
            for (int window = 0; window < g.outputH() * g.outputW(); window++) {
                int i = window / g.outputW();
                int j = window % g.outputW();
                PoolingRows.averageBackward(
                        slopes,
                        Floats.at(dy) + g.output(image, i, j),
                        g.size(),
                        into,
                        Floats.at(dx) + g.first(image, i, j),
                        g.rows(i),
                        g.columns(j),
                        g.channels(),
                        pitch);
            }
        });
    }

    private static void clear(float[] dx, int at, Windows g) {
        Arrays.fill(dx, at, at + g.imageSize(), 0);
    }

    @Override
    public void maxGather(Pool2dParameters p, Operand x, Operand y, Operand source, Operand picked) {
        reference.maxGather(p, x, y, source, picked);
    }
}
