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

    Depthwise3x3FilterGradient(Conv2dShape s) {
        this.channels = s.c();
        this.sourceSize = s.h() * s.w() * channels;
        this.height = s.oh();
        this.width = s.ow();
        this.strideH = s.p().strideH();
        this.strideW = s.p().strideW();
        this.top = s.p().padding().top();
        this.padded = new PaddedRows(
                s.h(), s.w(), channels, s.p().padding().left(), (width - 1) * strideW + Depthwise3x3.SIDE, false);
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
        float[] slopes = workspace.floats(Workspace.Use.GRADIENT, (long) width * Lanes.wholeVectors(channels));
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
            Depthwise3x3Rows.toBlocks(
                    dy, dyAt + row * width * channels, width, channels, slopes, 0, Lanes.L, width * Lanes.L);
            addRow(rows, window, slopes, sums, sumsAt);
        }
    }

    private void addRow(float[] rows, int window, float[] slopes, float[] sums, int sumsAt) {
        int a = padded.at(window);
        int b = padded.at(window + 1);
        int d = padded.at(window + 2);
        int whole = channels - channels % Lanes.L;
        int from = 0;
        int move = 0;
        for (int c = 0; c < whole; c += Lanes.L) {
            if (strideW == 1) {
                Depthwise3x3Sums.addByOne(
                        rows, a + move, b + move, d + move, channels, slopes, from, width, sums, sumsAt + c);
            } else {
                Depthwise3x3Sums.addByTwo(
                        rows, a + move, b + move, d + move, channels, slopes, from, width, sums, sumsAt + c);
            }
            from += width * Lanes.L;
            move += padded.block();
        }
        if (whole < channels) {
            addRest(rows, a + move, 0, slopes, from, sums, sumsAt);
            addRest(rows, b + move, 3, slopes, from, sums, sumsAt);
            addRest(rows, d + move, 6, slopes, from, sums, sumsAt);
        }
    }

    /** Adds the last channels, which fill no vector and are the last of the last block, for the three weights of a row from one on. */
    private void addRest(float[] rows, int at, int weight, float[] slopes, int from, float[] sums, int sumsAt) {
        for (int v = 0; v < Depthwise3x3.SIDE; v++) {
            int to = sumsAt + (weight + v) * channels;
            for (int c = channels - channels % Lanes.L; c < channels; c++) {
                int lane = c - (channels - Lanes.L);
                float sum = sums[to + c];
                for (int k = 0; k < width; k++) {
                    sum = Math.fma(
                            rows[at + (k * strideW + v) * Lanes.L + lane], slopes[from + k * Lanes.L + lane], sum);
                }
                sums[to + c] = sum;
            }
        }
    }
}
