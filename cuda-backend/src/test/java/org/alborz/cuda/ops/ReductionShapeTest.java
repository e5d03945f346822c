package org.alborz.cuda.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.alborz.type.Layout;
import org.alborz.type.Shape;
import org.junit.jupiter.api.Test;

final class ReductionShapeTest {
    private final ReductionShape form = new ReductionShape();

    private void rowMajor(Shape x, Shape y) {
        form.fill(Layout.rowMajor(x), Layout.rowMajor(y));
    }

    private void isColumns(long outer, long count, long inner) {
        assertThat(form.isColumns()).isTrue();
        assertThat(form.isRows()).isFalse();
        assertThat(new long[] {form.outer(), form.count(), form.inner()}).containsExactly(outer, count, inner);
        assertThat(form.results()).isEqualTo(outer * inner);
    }

    private void isRows(long results, long count) {
        assertThat(form.isRows()).isTrue();
        assertThat(form.isColumns()).isFalse();
        assertThat(new long[] {form.results(), form.count()}).containsExactly(results, count);
    }

    private void isNeither() {
        assertThat(form.isRows()).isFalse();
        assertThat(form.isColumns()).isFalse();
    }

    @Test
    void theLastAxesAreRows() {
        rowMajor(Shape.of(4, 5), Shape.of(4, 1));
        isRows(4, 5);
        rowMajor(Shape.of(2, 3, 4), Shape.of(2, 1, 1));
        isRows(2, 12);
    }

    @Test
    void allAxesAreOneRow() {
        rowMajor(Shape.of(2, 3, 4), Shape.of(1, 1, 1));
        isRows(1, 24);
    }

    @Test
    void theFirstAndTheMiddleAxesAreColumns() {
        rowMajor(Shape.of(4, 5), Shape.of(1, 5));
        isColumns(1, 4, 5);
        rowMajor(Shape.of(2, 3, 4), Shape.of(2, 1, 4));
        isColumns(2, 3, 4);
    }

    @Test
    void imagesWithChannelsLastAreColumnsForTheirChannels() {
        Shape shape = Shape.of(2, 3, 4, 5);
        form.fill(Layout.channelsLast(shape), Layout.channelsLast(Shape.of(1, 3, 1, 1)));
        isColumns(1, 40, 3);
        form.fill(Layout.channelsLast(shape), Layout.channelsLast(Shape.of(2, 3, 1, 1)));
        isColumns(2, 20, 3);
    }

    @Test
    void reducedAxesAroundAKeptOneAreNeither() {
        rowMajor(Shape.of(2, 3, 4), Shape.of(1, 3, 1));
        isNeither();
        assertThat(form.results()).isEqualTo(3);
        assertThat(form.count()).isEqualTo(8);
    }

    @Test
    void whatDoesNotLieInOnePieceIsNeither() {
        Layout narrow = Layout.rowMajor(Shape.of(4, 6)).narrow(1, 0, 5, 1);
        form.fill(narrow, Layout.rowMajor(Shape.of(4, 1)));
        isNeither();
        form.fill(Layout.rowMajor(Shape.of(5)).expand(Shape.of(4, 5)), Layout.rowMajor(Shape.of(4, 1)));
        isNeither();
    }

    @Test
    void resultsOfAnotherOrderAreNeither() {
        Layout turned = Layout.rowMajor(Shape.of(5, 3, 2)).permute(1, 0, 2);
        form.fill(turned, Layout.rowMajor(Shape.of(3, 5, 1)));
        isNeither();
    }

    /**
     * Of any layouts: where it says rows or columns, element {@code (o·count + k)·inner + i} of the memory belongs to result
     * {@code o·inner + i}, which is what the kernels rely on.
     */
    @Test
    void whatItSaysIsTrueOfEveryElement() {
        Random random = new Random(3);
        int rows = 0;
        int columns = 0;
        int neither = 0;
        for (int round = 0; round < 3000; round++) {
            Layout x = some(random, sizes(random));
            Layout y = result(random, x);
            form.fill(x, y);
            assertThat(form.results()).isEqualTo(y.shape().elements());
            assertThat(form.results() * form.count()).isEqualTo(x.shape().elements());
            rows += form.isRows() ? 1 : 0;
            columns += form.isColumns() ? 1 : 0;
            if (form.isRows() || form.isColumns()) {
                check(x, y, form.count(), form.isRows() ? 1 : form.inner());
            } else {
                neither++;
            }
        }
        assertThat(Math.min(rows, Math.min(columns, neither)))
                .as("cases of each kind")
                .isGreaterThan(100);
    }

    private static void check(Layout x, Layout y, long count, long inner) {
        for (long i = 0; i < x.shape().elements(); i++) {
            long from = 0;
            long into = 0;
            long left = i;
            for (int axis = x.shape().rank() - 1; axis >= 0; axis--) {
                long index = left % x.shape().size(axis);
                left /= x.shape().size(axis);
                from += index * x.stride(axis);
                into += y.shape().size(axis) == 1 ? 0 : index * y.stride(axis);
            }
            assertThat(into)
                    .as("%s to %s, element %d", x, y, i)
                    .isEqualTo(from / (count * inner) * inner + from % inner);
        }
    }

    private static int[] sizes(Random random) {
        return random.ints(1 + random.nextInt(4), 1, 5).toArray();
    }

    private static Layout some(Random random, int[] sizes) {
        Layout layout = Layout.rowMajor(Shape.of(sizes));
        for (int i = random.nextInt(3); i > 0; i--) {
            layout = layout.transpose(random.nextInt(sizes.length), random.nextInt(sizes.length));
        }
        int axis = random.nextInt(sizes.length);
        int size = layout.shape().size(axis);
        return random.nextInt(4) == 0 && size > 1 ? layout.narrow(axis, 0, size - 1, 1) : layout;
    }

    /** Returns a dense layout with some axes of size 1: mostly in the order of {@code x}, sometimes in another. */
    private static Layout result(Random random, Layout x) {
        Layout y = x.compact();
        if (random.nextInt(4) == 0) {
            y = Layout.rowMajor(x.shape());
        }
        for (int axis = 0; axis < x.shape().rank(); axis++) {
            if (random.nextBoolean()) {
                y = y.narrow(axis, 0, 1, 1).compact();
            }
        }
        return y;
    }
}
