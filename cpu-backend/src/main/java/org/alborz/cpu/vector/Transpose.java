package org.alborz.cpu.vector;

/** Copies between layouts whose contiguous axes differ, such as NCHW and NHWC, in blocks that fit the first cache. */
final class Transpose {
    private static final int LINES = 32;

    /** Columns of a block: no more than a cache set has ways, for columns that are a power of two apart share a set. */
    private static final int COLUMNS = 8;

    private Transpose() {}

    /**
     * Copies, if the iteration over source and target is such a case.
     *
     * @return whether it was
     */
    static boolean copy(WorkerPool workers, ParallelStridedIterator iterator, float[] from, float[] to) {
        int inner = iterator.axes() - 1;
        int across = acrossAxis(iterator);
        if (iterator.isEmpty() || across < 0 || iterator.stride(1, inner) != 1) {
            return false;
        }
        // A task copies some lines of one matrix [across][inner]; the other axes number the matrices.
        int lines = iterator.size(across);
        int width = iterator.size(inner);
        int linesPerTask = Gemm.roundUp(Math.max(1, ParallelStridedIterator.TASK_ELEMENTS / width), LINES);
        int parts = Gemm.ceilDiv(lines, linesPerTask);
        int matrices = 1;
        for (int axis = 0; axis < inner; axis++) {
            matrices *= axis == across ? 1 : iterator.size(axis);
        }
        workers.run(matrices * parts, (task, worker) -> {
            int source = iterator.origin(0);
            int target = iterator.origin(1);
            int rest = task / parts;
            for (int axis = inner - 1; axis >= 0; axis--) {
                if (axis != across) {
                    int index = rest % iterator.size(axis);
                    rest /= iterator.size(axis);
                    source += index * iterator.stride(0, axis);
                    target += index * iterator.stride(1, axis);
                }
            }
            int first = task % parts * linesPerTask;
            int end = Math.min(lines, first + linesPerTask);
            for (int line = first; line < end; line += LINES) {
                copyLines(
                        from,
                        source + line,
                        iterator.stride(0, inner),
                        to,
                        target + line * iterator.stride(1, across),
                        iterator.stride(1, across),
                        Math.min(LINES, end - line),
                        width);
            }
        });
        return true;
    }

    /** Returns the axis that is contiguous in the source, if it is not so in the target too, or -1. */
    private static int acrossAxis(ParallelStridedIterator iterator) {
        for (int axis = 0; axis < iterator.axes() - 1; axis++) {
            if (iterator.stride(0, axis) == 1) {
                return axis;
            }
        }
        return -1;
    }

    /** Copies {@code from[line + j·step]} to {@code to[line·toStep + j]} for a few lines and j below {@code width}. */
    private static void copyLines(
            float[] from, int at, int step, float[] to, int toAt, int toStep, int lines, int width) {
        for (int first = 0; first < width; first += COLUMNS) {
            int end = Math.min(width, first + COLUMNS);
            for (int line = 0; line < lines; line++) {
                for (int j = first; j < end; j++) {
                    to[toAt + line * toStep + j] = from[at + line + j * step];
                }
            }
        }
    }
}
