package org.alborz.cpu.vector;

/** Sums the gradient of depthwise filters of 3×3 over some rows of a batch, which {@link PaddedRows} go through. */
final class Depthwise3x3FilterGradient {
    private final PaddedRows padded;
    private final int channels;
    private final int sourceSize;
    private final int height;
    private final int width;
    private final int strideH;
    private final int strideW;
    private final int top;
    private final int pixelsTogether;

    Depthwise3x3FilterGradient(Conv2dShape s) {
        this.channels = s.c();
        this.sourceSize = s.h() * s.w() * channels;
        this.height = s.oh();
        this.width = s.ow();
        this.strideH = s.p().strideH();
        this.strideW = s.p().strideW();
        this.top = s.p().padding().top();
        this.pixelsTogether = Depthwise3x3.groupsTogether(channels, strideW) * Depthwise3x3Rows.TOGETHER;
        this.padded = new PaddedRows(
                s.h(), s.w(), channels, s.p().padding().left(), (width - 1) * strideW + Depthwise3x3.SIDE);
    }

    /** Adds the products of the batch's rows of slopes from one to before another to the sums {@code [3][3][C]}. */
    void add(
            Workspace workspace,
            float[] x,
            int xAt,
            float[] dy,
            int dyAt,
            int fromRow,
            int toRow,
            float[] sums,
            int sumsAt) {
        float[] rows = workspace.floats(Workspace.Use.FRAME, padded.size());
        float[] slopes = workspace.floats(Workspace.Use.GRADIENT, (long) width * channels);
        int next = 0;
        for (int row = fromRow; row < toRow; row++) {
            int image = row / height;
            int window = (row - image * height) * strideH - top;
            if (row == fromRow || row % height == 0) {
                next = window;
            }
            int end = window + Depthwise3x3.SIDE;
            padded.load(x, xAt + image * sourceSize, Math.max(next, window), end, rows);
            next = end;
            // A copy goes from the first number to the last, which the processor fetches ahead of time.
            System.arraycopy(dy, dyAt + row * width * channels, slopes, 0, width * channels);
            for (int pixel = 0; pixel < width; pixel += pixelsTogether) {
                int count = Math.min(pixelsTogether, width - pixel);
                addPixels(rows, window, pixel, slopes, count, sums, sumsAt);
            }
        }
    }

    private void addPixels(float[] rows, int window, int pixel, float[] slopes, int count, float[] sums, int sumsAt) {
        int move = pixel * strideW * channels;
        int a = padded.at(window) + move;
        int b = padded.at(window + 1) + move;
        int d = padded.at(window + 2) + move;
        int from = pixel * channels;
        int whole = channels - channels % Lanes.L;
        for (int c = 0; c < whole; c += Lanes.L) {
            if (strideW == 1) {
                Depthwise3x3Sums.addByOne(
                        rows, a + c, b + c, d + c, channels, slopes, from + c, count, sums, sumsAt + c);
            } else {
                Depthwise3x3Sums.addByTwo(
                        rows, a + c, b + c, d + c, channels, slopes, from + c, count, sums, sumsAt + c);
            }
        }
        if (whole < channels) {
            addRest(rows, a, 0, whole, slopes, from, count, sums, sumsAt);
            addRest(rows, b, 3, whole, slopes, from, count, sums, sumsAt);
            addRest(rows, d, 6, whole, slopes, from, count, sums, sumsAt);
        }
    }

    /** Adds the channels from one on that fill no vector, for the three weights of a row from one on. */
    private void addRest(
            float[] rows,
            int at,
            int weight,
            int first,
            float[] slopes,
            int from,
            int count,
            float[] sums,
            int sumsAt) {
        for (int v = 0; v < Depthwise3x3.SIDE; v++) {
            int to = sumsAt + (weight + v) * channels;
            for (int c = first; c < channels; c++) {
                float sum = sums[to + c];
                for (int k = 0; k < count; k++) {
                    sum = Math.fma(rows[at + (k * strideW + v) * channels + c], slopes[from + k * channels + c], sum);
                }
                sums[to + c] = sum;
            }
        }
    }
}
