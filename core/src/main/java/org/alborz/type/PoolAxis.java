package org.alborz.type;

/**
 * One axis of a pooling: which of its {@code size} elements are in window i. An element of a window is a tap; taps on the padding or
 * beyond it are left out.
 *
 * @param kernel taps of a whole window
 * @param stride elements from one window to the next
 * @param before padding in front of the axis
 * @param after padding behind it
 * @param dilation elements from one tap to the next
 * @param countPadding whether taps on the padding count
 * @param size elements of the axis
 */
public record PoolAxis(int kernel, int stride, int before, int after, int dilation, boolean countPadding, int size) {
    /** Returns the first element in window i. */
    public int first(int i) {
        int start = i * stride - before;
        return start + leftOut(start) * dilation;
    }

    /** Returns how many elements are in window i; 0 where all its taps are on the padding. */
    public int taps(int i) {
        int start = i * stride - before;
        return Math.max(0, tapsBefore(size, start) - leftOut(start));
    }

    /** Returns how many taps of window i an average divides by, at least 1. */
    public int counted(int i) {
        return Math.max(1, countPadding ? tapsBefore(size + after, i * stride - before) : taps(i));
    }

    /** Returns how many taps of a window that begins at {@code start} are in front of element 0. */
    private int leftOut(int start) {
        return start >= 0 ? 0 : (-start - 1) / dilation + 1;
    }

    /** Returns how many taps of a window that begins at {@code start} are in front of {@code end}. */
    private int tapsBefore(int end, int start) {
        return start >= end ? 0 : Math.min(kernel, (end - start - 1) / dilation + 1);
    }
}
