package org.alborz.cpu.vector;

import java.util.Arrays;
import java.util.function.Supplier;
import org.alborz.backend.Operand;
import org.alborz.backend.Pooling;
import org.alborz.type.DType;
import org.alborz.type.Pool2dParameters;

/**
 * Pooling in parallel over images or rows; of other types than float32, and with dilation, image by image as the
 * reference does.
 */
final class VectorPooling implements Pooling {
    private final WorkerPool workers;
    private final Slices<Pooling> slices;

    VectorPooling(WorkerPool workers, Supplier<Pooling> reference) {
        this.workers = workers;
        this.slices = new Slices<>(workers, Pooling.class, reference);
    }

    private static boolean isFast(Pool2dParameters p, Operand x) {
        return x.dtype() == DType.FLOAT32 && p.dilationH() == 1 && p.dilationW() == 1;
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
        if (!isFast(p, x)) {
            slices.forEach((reference, parts) -> reference.max(p, parts[0], parts[1]), x, y);
            return;
        }
        Windows g = Windows.of(p, x.shape(), y.shape());
        int pitch = g.pitch();
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
        if (!isFast(p, x)) {
            slices.forEach((reference, parts) -> reference.average(p, parts[0], parts[1]), x, y);
            return;
        }
        Windows g = Windows.of(p, x.shape(), y.shape());
        int pitch = g.pitch();
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
                        g.size(i, j),
                        into,
                        Floats.at(y) + g.output(image, i, j));
            }
        });
    }

    @Override
    public void maxBackward(Pool2dParameters p, Operand x, Operand y, Operand dy, Operand dx) {
        if (!isFast(p, x)) {
            slices.forEach(
                    (reference, parts) -> reference.maxBackward(p, parts[0], parts[1], parts[2], parts[3]),
                    x,
                    y,
                    dy,
                    dx);
            return;
        }
        Windows g = Windows.of(p, x.shape(), y.shape());
        int pitch = g.pitch();
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
        if (!isFast(p, dy)) {
            slices.forEach((reference, parts) -> reference.averageBackward(p, parts[1], parts[0]), dx, dy);
            return;
        }
        Windows g = Windows.of(p, dx.shape(), dy.shape());
        int pitch = g.pitch();
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
                        g.size(i, j),
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
        slices.forEach(
                (reference, parts) -> reference.maxGather(p, parts[0], parts[1], parts[2], parts[3]),
                x,
                y,
                source,
                picked);
    }
}
