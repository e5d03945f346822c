package org.alborz.cpu.vector;

import static org.alborz.cpu.vector.Lanes.L;
import static org.alborz.cpu.vector.Lanes.S;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * What pooling does with one window, for all channels: L at a time, then one by one.
 *
 * <p>A window has {@code rows·columns} pixels of {@code channels} numbers, the first at {@code at}; {@code pitch} leads from a row of
 * the image to the next. Its pixels are walked in one flat loop, since an accumulator may not live across two.
 */
final class PoolingRows {
    private PoolingRows() {}

    /** Computes the maximum over the window; it stays in memory, which the compiler handles best here. */
    static void max(float[] x, int at, int rows, int columns, int channels, int pitch, float[] y, int yAt) {
        System.arraycopy(x, at, y, yAt, channels);
        for (int row = 0; row < rows; row++) {
            for (int column = row == 0 ? 1 : 0; column < columns; column++) {
                BinaryRows.maximum(y, yAt, x, at + row * pitch + column * channels, y, yAt, channels);
            }
        }
    }

    /** Adds {@code dy} to {@code dx} at the first pixel where {@code x} equals the maximum {@code y}, or is NaN. */
    static void maxBackward(
            float[] x,
            int at,
            int rows,
            int columns,
            int channels,
            int pitch,
            float[] y,
            float[] dy,
            int yAt,
            int dyAt,
            float[] dx,
            int dxAt) {
        int pixels = rows * columns;
        int whole = channels - channels % L;
        FloatVector zero = FloatVector.zero(S);
        for (int c = 0; c < whole; c += L) {
            FloatVector best = FloatVector.fromArray(S, y, yAt + c);
            // What has not found its pixel yet.
            FloatVector left = FloatVector.fromArray(S, dy, dyAt + c);
            int i = c;
            int column = 0;
            for (int pixel = 0; pixel < pixels; pixel++) {
                FloatVector v = FloatVector.fromArray(S, x, at + i);
                VectorMask<Float> here = v.compare(VectorOperators.EQ, best).or(v.compare(VectorOperators.NE, v));
                FloatVector taken = zero.blend(left, here);
                taken.add(FloatVector.fromArray(S, dx, dxAt + i)).intoArray(dx, dxAt + i);
                left = left.blend(zero, here);
                column++;
                i += column == columns ? pitch - (columns - 1) * channels : channels;
                column = column == columns ? 0 : column;
            }
        }
        for (int c = whole; c < channels; c++) {
            for (int pixel = 0; pixel < pixels; pixel++) {
                int i = pixel / columns * pitch + pixel % columns * channels + c;
                if (x[at + i] == y[yAt + c] || Float.isNaN(x[at + i])) {
                    dx[dxAt + i] += dy[dyAt + c];
                    break;
                }
            }
        }
    }

    /** Computes the sum over the window divided by {@code size}; in float64 where float32 does not hold the sum. */
    static void average(
            float[] x, int at, int rows, int columns, int channels, int pitch, float size, float[] y, int yAt) {
        int pixels = rows * columns;
        int whole = channels - channels % L;
        for (int c = 0; c < whole; c += L) {
            FloatVector sum = FloatVector.zero(S);
            int i = at + c;
            int column = 0;
            for (int pixel = 0; pixel < pixels; pixel++) {
                sum = sum.add(FloatVector.fromArray(S, x, i));
                column++;
                i += column == columns ? pitch - (columns - 1) * channels : channels;
                column = column == columns ? 0 : column;
            }
            sum.div(size).intoArray(y, yAt + c);
            FloatVector rest = sum.sub(sum);
            if (rest.compare(VectorOperators.NE, rest).anyTrue()) {
                wideAverage(x, at, rows, columns, channels, pitch, size, y, yAt, c, c + L);
            }
        }
        wideAverage(x, at, rows, columns, channels, pitch, size, y, yAt, whole, channels);
    }

    private static void wideAverage(
            float[] x,
            int at,
            int rows,
            int columns,
            int channels,
            int pitch,
            float size,
            float[] y,
            int yAt,
            int first,
            int end) {
        for (int c = first; c < end; c++) {
            double sum = 0;
            for (int row = 0; row < rows; row++) {
                for (int column = 0; column < columns; column++) {
                    sum += x[at + row * pitch + column * channels + c];
                }
            }
            y[yAt + c] = (float) (sum / size);
        }
    }

    /** Adds {@code dy} divided by {@code size} to each pixel of the window in {@code dx}. */
    static void averageBackward(
            float[] dy, int dyAt, float size, float[] dx, int at, int rows, int columns, int channels, int pitch) {
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                int i = at + row * pitch + column * channels;
                for (int c = 0; c < channels; c++) {
                    dx[i + c] += dy[dyAt + c] / size;
                }
            }
        }
    }
}
