package org.alborz.type;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

/** Layouts against a list of the places of all their elements, through random chains of views. */
class LayoutTest {
    private static final int CHAINS = 300;
    private static final int VIEWS = 5;

    /** Returns the position of each element, in row-major order of the index. */
    private static long[] places(Layout layout) {
        int count = Math.toIntExact(layout.shape().elements());
        long[] places = new long[count];
        int[] index = new int[layout.shape().rank()];
        for (int i = 0; i < count; i++) {
            places[i] = layout.offset();
            for (int axis = 0; axis < index.length; axis++) {
                places[i] += index[axis] * layout.stride(axis);
            }
            next(layout.shape(), index);
        }
        return places;
    }

    private static void next(Shape shape, int[] index) {
        for (int axis = index.length - 1; axis >= 0 && ++index[axis] == shape.size(axis); axis--) {
            index[axis] = 0;
        }
    }

    /** Returns the places in row-major order of a shape whose index each function maps to an index of the layout. */
    private static long[] mapped(Layout from, Shape shape, java.util.function.UnaryOperator<int[]> toFrom) {
        long[] places = new long[Math.toIntExact(shape.elements())];
        int[] index = new int[shape.rank()];
        for (int i = 0; i < places.length; i++) {
            int[] source = toFrom.apply(index);
            places[i] = from.offset();
            for (int axis = 0; axis < source.length; axis++) {
                places[i] += source[axis] * from.stride(axis);
            }
            next(shape, index);
        }
        return places;
    }

    private static Shape randomShape(Random random, int rank) {
        return Shape.of(random.ints(rank, 1, 5).toArray());
    }

    private static int[] shuffledAxes(Random random, int rank) {
        int[] axes = new int[rank];
        for (int i = 0; i < rank; i++) {
            int other = random.nextInt(i + 1);
            axes[i] = axes[other];
            axes[other] = i;
        }
        return axes;
    }

    @RepeatedTest(CHAINS)
    void viewsReadTheRightElements(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        Layout layout = Layout.rowMajor(randomShape(random, random.nextInt(5)));
        for (int i = 0; i < VIEWS; i++) {
            layout = randomView(random, layout);
            checkProperties(layout);
            checkCompact(layout);
            checkReshape(random, layout);
        }
    }

    private static Layout randomView(Random random, Layout layout) {
        int rank = layout.shape().rank();
        return switch (random.nextInt(rank == 0 ? 1 : 4)) {
            case 0 -> expand(random, layout);
            case 1 -> permute(random, layout);
            case 2 -> narrow(random, layout);
            default -> transpose(random, layout);
        };
    }

    private static Layout expand(Random random, Layout layout) {
        Shape shape = layout.shape();
        int rank = shape.rank();
        for (int axis = 0; axis < rank; axis++) {
            shape = shape.size(axis) == 1 && random.nextBoolean() ? shape.with(axis, 3) : shape;
        }
        int added = rank < 4 && random.nextBoolean() ? 1 : 0;
        Shape to = added == 0 ? shape : shape.insert(0, 2);
        Layout expanded = layout.expand(to);
        assertThat(places(expanded)).isEqualTo(mapped(layout, to, index -> {
            int[] from = Arrays.copyOfRange(index, added, index.length);
            for (int axis = 0; axis < from.length; axis++) {
                from[axis] = layout.shape().size(axis) == 1 ? 0 : from[axis];
            }
            return from;
        }));
        return expanded;
    }

    private static Layout permute(Random random, Layout layout) {
        int[] axes = shuffledAxes(random, layout.shape().rank());
        Layout permuted = layout.permute(axes);
        assertThat(places(permuted)).isEqualTo(mapped(layout, permuted.shape(), index -> {
            int[] from = new int[axes.length];
            for (int i = 0; i < axes.length; i++) {
                from[axes[i]] = index[i];
            }
            return from;
        }));
        return permuted;
    }

    private static Layout transpose(Random random, Layout layout) {
        int rank = layout.shape().rank();
        int a = random.nextInt(rank);
        int b = random.nextInt(rank);
        Layout transposed = layout.transpose(a, b - rank);
        assertThat(places(transposed)).isEqualTo(mapped(layout, transposed.shape(), index -> {
            int[] from = index.clone();
            from[a] = index[b];
            from[b] = index[a];
            return from;
        }));
        return transposed;
    }

    private static Layout narrow(Random random, Layout layout) {
        int axis = random.nextInt(layout.shape().rank());
        int size = layout.shape().size(axis);
        int step = 1 + random.nextInt(2);
        int start = random.nextInt(size);
        int length = 1 + random.nextInt((size - 1 - start) / step + 1);
        Layout narrowed = layout.narrow(axis, start, length, step);
        assertThat(places(narrowed)).isEqualTo(mapped(layout, layout.shape().with(axis, length), index -> {
            int[] from = index.clone();
            from[axis] = start + step * index[axis];
            return from;
        }));
        return narrowed;
    }

    private static boolean isRange(long[] places) {
        for (int i = 1; i < places.length; i++) {
            if (places[i] != places[i - 1] + 1) {
                return false;
            }
        }
        return true;
    }

    private static void checkProperties(Layout layout) {
        long[] sorted = places(layout);
        Arrays.sort(sorted);
        assertThat(layout.isDense()).as("%s is dense", layout).isEqualTo(isRange(sorted));
        assertThat(layout.isRowMajor()).as("%s is row-major", layout).isEqualTo(isRange(places(layout)));
        boolean image = layout.shape().rank() == 4;
        Layout pixels = image ? layout.permute(0, 2, 3, 1) : layout;
        assertThat(layout.isChannelsLast()).as("%s is channels-last", layout).isEqualTo(isRange(places(pixels)));
        assertThat(layout.isFilter())
                .as("%s is a filter", layout)
                .isEqualTo(image && isRange(places(layout.permute(2, 3, 1, 0))));
    }

    private static void checkCompact(Layout layout) {
        Layout compact = layout.compact();
        assertThat(compact.shape()).isEqualTo(layout.shape());
        assertThat(compact.isDense()).isTrue();
        assertThat(compact.offset()).isZero();
        if (layout.isDense()) {
            long first = Arrays.stream(places(layout)).min().orElse(0);
            assertThat(places(compact))
                    .isEqualTo(Arrays.stream(places(layout))
                            .map(place -> place - first)
                            .toArray());
            assertThat(compact.sameOrder(layout)).isTrue();
        }
    }

    /** Reshapes to a random shape of as many elements: a view exactly where evenly spaced axes can describe one. */
    private static void checkReshape(Random random, Layout layout) {
        Shape to = randomShapeOf(random, Math.toIntExact(layout.shape().elements()));
        Layout reshaped = layout.reshape(to);
        long[] places = places(layout);
        if (reshaped == null) {
            assertThat(isEvenlySpaced(to, places))
                    .as("%s as %s needs a copy", layout, to)
                    .isFalse();
        } else {
            assertThat(reshaped.shape()).isEqualTo(to);
            assertThat(places(reshaped)).as("%s as %s", layout, to).isEqualTo(places);
        }
    }

    private static Shape randomShapeOf(Random random, int elements) {
        Shape shape = Shape.scalar();
        int left = elements;
        for (int size = 2; left > 1; size++) {
            while (left % size == 0) {
                boolean merge = shape.rank() > 0 && random.nextBoolean();
                shape = merge ? shape.with(-1, shape.size(-1) * size) : shape.insert(shape.rank(), size);
                left /= size;
            }
        }
        return random.nextInt(3) == 0 ? shape.insert(random.nextInt(shape.rank() + 1), 1) : shape;
    }

    private static boolean isEvenlySpaced(Shape shape, long[] places) {
        long[] strides = new long[shape.rank()];
        int step = 1;
        for (int axis = shape.rank() - 1; axis >= 0; axis--) {
            strides[axis] = shape.size(axis) > 1 ? places[step] - places[0] : 0;
            step *= shape.size(axis);
        }
        return Arrays.equals(places(Layout.of(shape, strides, places[0])), places);
    }

    @Test
    void storesImagesAndFiltersInTheirOwnOrders() {
        Layout images = Layout.channelsLast(Shape.of(2, 3, 4, 5));
        assertThat(images.stride(0)).isEqualTo(60);
        assertThat(images.stride(1)).isEqualTo(1);
        assertThat(images.stride(2)).isEqualTo(15);
        assertThat(images.stride(3)).isEqualTo(3);
        Layout filter = Layout.filter(Shape.of(7, 3, 2, 4));
        assertThat(filter.stride(0)).isEqualTo(1);
        assertThat(filter.stride(1)).isEqualTo(7);
        assertThat(filter.stride(2)).isEqualTo(84);
        assertThat(filter.stride(3)).isEqualTo(21);
        assertThat(Layout.channelsLast(Shape.of(2, 3)).isRowMajor()).isTrue();
    }

    @Test
    void layoutsWithoutElementsAreDenseAndStartInsideTheirBuffer() {
        Layout empty = Layout.rowMajor(Shape.of(3, 0, 4));
        assertThat(empty.isDense()
                        && empty.isRowMajor()
                        && empty.permute(2, 0, 1).isRowMajor())
                .isTrue();
        assertThat(empty.narrow(0, 2, 1, 1).offset()).isZero();
        assertThat(empty.reshape(Shape.of(0, 7)).shape()).isEqualTo(Shape.of(0, 7));
        assertThat(Layout.rowMajor(Shape.of(4)).narrow(0, 4, 0, 1).offset()).isZero();
    }

    @Test
    void refusesWhatDoesNotFit() {
        Layout layout = Layout.rowMajor(Shape.of(2, 3));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> layout.reshape(Shape.of(7)))
                .withMessageContaining("6 elements");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> layout.expand(Shape.of(4, 3)))
                .withMessageContaining("[4, 3]");
        assertThatIllegalArgumentException().isThrownBy(() -> layout.expand(Shape.of(3)));
        assertThatIllegalArgumentException().isThrownBy(() -> layout.permute(0)).withMessageContaining("2 axes");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> layout.permute(1, -1))
                .withMessageContaining("each axis once");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> layout.narrow(1, 1, 2, 2))
                .withMessageContaining("length 2");
        assertThatIllegalArgumentException().isThrownBy(() -> layout.narrow(1, -1, 1, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> Layout.of(Shape.of(2, 3), new long[] {1}, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> Layout.filter(Shape.of(2, 3)));
    }

    @Test
    void refusesARangeWithoutElementsThatBeginsBeyondTheAxis() {
        Layout layout = Layout.rowMajor(Shape.of(2));
        assertThat(layout.narrow(0, 2, 0, 1).shape()).isEqualTo(Shape.of(0));
        for (int start : new int[] {3, 100, Integer.MAX_VALUE}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> layout.narrow(0, start, 0, 1))
                    .withMessageContaining("start " + start);
        }
    }

    @Test
    void endsBelowTheLargestNumber() {
        long[] one = {1};
        Layout last = Layout.of(Shape.of(1), one, Long.MAX_VALUE - 1);
        assertThat(last.end()).isEqualTo(Long.MAX_VALUE);
        assertThat(last.overlaps(last)).isTrue();
        assertThatIllegalArgumentException().isThrownBy(() -> Layout.of(Shape.of(1), one, Long.MAX_VALUE));
        assertThatIllegalArgumentException().isThrownBy(() -> Layout.of(Shape.of(2), one, Long.MAX_VALUE - 1));
        assertThatIllegalArgumentException().isThrownBy(() -> Layout.of(Shape.scalar(), new long[0], Long.MAX_VALUE));
        assertThatIllegalArgumentException().isThrownBy(() -> last.shift(1));
    }
}
