package org.alborz.cuda.ops;

import org.alborz.type.Layout;

/** The layout of a reduction: which axes are kept, which are reduced, and whether they are rows or columns of a contiguous matrix. */
final class ReductionShape {
    private final OffsetCalculator.AxisOrder order = new OffsetCalculator.AxisOrder();
    private final OffsetCalculator kept = new OffsetCalculator();
    private final OffsetCalculator reduced = new OffsetCalculator();
    private long outer;
    private long inner;
    private boolean rows;
    private boolean columns;

    /** Looks at a reduction of {@code x} to {@code y}, of the same rank, along the axes where {@code y} has size 1. */
    void fill(Layout x, Layout y) {
        kept.begin(2);
        reduced.begin(1);
        outer = 1;
        inner = 1;
        boolean met = false;
        boolean pieces = x.isDense() && y.isDense();
        for (int i = order.of(x) - 1; i >= 0; i--) {
            int axis = order.axis(i);
            int size = x.shape().size(axis);
            if (y.shape().size(axis) == 1) {
                // Reduced axes that enclose a kept one, which encloses another reduced one, are neither rows nor
                // columns.
                pieces &= inner == 1;
                met = true;
                reduced.axis(size, x.stride(axis), 0, 0, 0);
            } else {
                kept.axis(size, x.stride(axis), y.stride(axis), 0, 0);
                if (met) {
                    inner *= size;
                } else {
                    outer *= size;
                }
            }
        }
        pieces &= liesInOrder();
        rows = pieces && inner == 1;
        columns = pieces && inner > 1;
    }

    /** Tells whether the results are consecutive in the order of the axes. */
    private boolean liesInOrder() {
        long expected = 1;
        for (int axis = kept.rank() - 1; axis >= 0; axis--) {
            if (kept.stride(1, axis) != expected) {
                return false;
            }
            expected *= kept.size(axis);
        }
        return true;
    }

    boolean isRows() {
        return rows;
    }

    boolean isColumns() {
        return columns;
    }

    long outer() {
        return outer;
    }

    long inner() {
        return inner;
    }

    long results() {
        return kept.elements();
    }

    /** Returns how many elements make one result. */
    long count() {
        return reduced.elements();
    }

    OffsetCalculator kept() {
        return kept;
    }

    OffsetCalculator reduced() {
        return reduced;
    }
}
