package org.alborz.type;

/**
 * What is added around an image, each side apart.
 *
 * @param top rows above, at least 0
 * @param bottom rows below, at least 0
 * @param left columns on the left, at least 0
 * @param right columns on the right, at least 0
 */
public record Padding2d(int top, int bottom, int left, int right) {
    /** Nothing on any side. */
    public static final Padding2d NONE = new Padding2d(0, 0, 0, 0);

    public Padding2d {
        if (top < 0 || bottom < 0 || left < 0 || right < 0) {
            throw new IllegalArgumentException("Padding expects at least 0 on every side, got top " + top + ", bottom "
                    + bottom + ", left " + left + ", right " + right);
        }
    }

    /** Returns the same on every side. */
    public static Padding2d of(int padding) {
        return of(padding, padding);
    }

    /** Returns so many rows above and below, and so many columns on the left and on the right. */
    public static Padding2d of(int rows, int columns) {
        return new Padding2d(rows, rows, columns, columns);
    }

    /**
     * Returns the padding with which windows of stride 1 give as many results as there are pixels; where that is odd, the end gets one
     * more than the beginning, as in PyTorch's {@code padding='same'}.
     *
     * @param kernelH rows of the window, at least 1
     * @param kernelW columns of the window, at least 1
     * @param dilation rows and columns from one weight to the next, at least 1
     */
    public static Padding2d same(int kernelH, int kernelW, int dilation) {
        if (kernelH < 1 || kernelW < 1 || dilation < 1) {
            throw new IllegalArgumentException("Padding2d.same expects a kernel and a dilation of at least 1, got "
                    + kernelH + "x" + kernelW + " and " + dilation);
        }
        int rows = Math.multiplyExact(kernelH - 1, dilation);
        int columns = Math.multiplyExact(kernelW - 1, dilation);
        return new Padding2d(rows / 2, rows - rows / 2, columns / 2, columns - columns / 2);
    }

    /** Tells whether opposite sides get the same. */
    public boolean isSymmetric() {
        return top == bottom && left == right;
    }

    /** Returns the largest of the four. */
    public int largest() {
        return Math.max(Math.max(top, bottom), Math.max(left, right));
    }

    /** Returns {@code padding=1}, {@code padding=2x1} for rows and columns, or each side's where opposite sides differ. */
    @Override
    public String toString() {
        return isSymmetric()
                ? Window.text("padding", top, left)
                : "padding=" + top + "+" + bottom + "x" + left + "+" + right;
    }
}
