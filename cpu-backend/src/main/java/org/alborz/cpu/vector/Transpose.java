package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.Lanes.L;
import static org.alborz.cpu.vector.Lanes.S;

import jdk.incubator.vector.FloatVector;

/**
 * Copies between layouts whose contiguous axes differ, such as NCHW and NHWC, in square tiles, of which the source and the target have whole cache
 * lines. A tile goes through a block: cache lines that are a power of two apart share a set of the first cache, which has fewer ways than a tile lines.
 */
final class Transpose {
    private static final int LINES = 32;

    /** Floats in a cache line. */
    private static final int TILE = 16;

    /** Columns that are copied together where there is no whole tile: no more than a cache set has ways. */
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
                        width,
                        workers.workspace(worker).block(0));
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
            float[] from, int at, int step, float[] to, int toAt, int toStep, int lines, int width, float[] block) {
        int wholeLines = L > TILE ? 0 : lines - lines % TILE;
        int wholeWidth = L > TILE ? 0 : width - width % TILE;
        for (int j = 0; j < wholeWidth; j += TILE) {
            for (int line = 0; line < wholeLines; line += TILE) {
                copyTile(from, at + line + j * step, step, to, toAt + line * toStep + j, toStep, block);
            }
        }
        copyPart(from, at, step, to, toAt, toStep, 0, wholeLines, wholeWidth, width);
        copyPart(from, at, step, to, toAt, toStep, wholeLines, lines, 0, width);
    }

    private static void copyTile(float[] from, int at, int step, float[] to, int toAt, int toStep, float[] block) {
        for (int j = 0; j < TILE; j++) {
            for (int line = 0; line < TILE; line += L) {
                FloatVector.fromArray(S, from, at + j * step + line).intoArray(block, j * TILE + line);
            }
        }
        for (int line = 0; line < TILE; line++) {
            for (int j = 0; j < TILE; j++) {
                to[toAt + line * toStep + j] = block[j * TILE + line];
            }
        }
    }

    private static void copyPart(
            float[] from,
            int at,
            int step,
            float[] to,
            int toAt,
            int toStep,
            int firstLine,
            int endLine,
            int firstColumn,
            int endColumn) {
        for (int first = firstColumn; first < endColumn; first += COLUMNS) {
            int end = Math.min(endColumn, first + COLUMNS);
            for (int line = firstLine; line < endLine; line++) {
                for (int j = first; j < end; j++) {
                    to[toAt + line * toStep + j] = from[at + line + j * step];
                }
            }
        }
    }
}
