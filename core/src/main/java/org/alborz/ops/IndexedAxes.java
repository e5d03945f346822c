package org.alborz.ops;

import org.alborz.type.Shape;

/** Shapes in which the axes of indices stand where an axis that they index stood. */
final class IndexedAxes {
    private IndexedAxes() {}

    /** Returns the axes of {@code others} with those of {@code indices} before number {@code at}. */
    static Shape insert(Shape others, int at, Shape indices) {
        int[] sizes = new int[others.rank() + indices.rank()];
        for (int i = 0; i < others.rank(); i++) {
            sizes[i < at ? i : i + indices.rank()] = others.size(i);
        }
        for (int i = 0; i < indices.rank(); i++) {
            sizes[at + i] = indices.size(i);
        }
        return Shape.of(sizes);
    }

    /** Refuses indices that have not the shape of another input but for one axis. */
    static void requireAlong(Call call, int at, int input, int indices) {
        Shape x = call.shape(input);
        Shape given = call.shape(indices);
        if (given.rank() != x.rank() || !given.with(at, x.size(at)).equals(x)) {
            throw new IllegalArgumentException(call.name() + " expects indices of the shape " + x + " but for axis "
                    + at + ", got " + call.describe(indices) + " for " + call.describe(input));
        }
    }

    /** Returns the shape with the axes from {@code at} on, as many as the indices have, replaced by one of a size. */
    static Shape replace(Shape shape, int at, int axes, int size) {
        int[] sizes = new int[shape.rank() - axes + 1];
        for (int i = 0; i < sizes.length; i++) {
            sizes[i] = i == at ? size : shape.size(i < at ? i : i + axes - 1);
        }
        return Shape.of(sizes);
    }
}
