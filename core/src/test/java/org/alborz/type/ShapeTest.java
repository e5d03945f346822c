package org.alborz.type;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ShapeTest {
    @Test
    void countsElements() {
        assertThat(Shape.scalar().elements()).isEqualTo(1);
        assertThat(Shape.of(2, 3, 4).elements()).isEqualTo(24);
        assertThat(Shape.of(2, 0, 4).elements()).isZero();
        assertThat(Shape.of(1 << 20, 1 << 20).elements()).isEqualTo(1L << 40);
    }

    @Test
    void refusesSizesThatNoMemoryHolds() {
        assertThatIllegalArgumentException().isThrownBy(() -> Shape.of(2, -1)).withMessageContaining("[2, -1]");
        for (int[] sizes : new int[][] {
            {1 << 30, 1 << 30, 1 << 30},
            {1 << 20, 1 << 20, 1 << 20, 1 << 20},
            {Integer.MAX_VALUE, Integer.MAX_VALUE, 3},
            {0, 1 << 30, 1 << 30, 1 << 30},
            {1 << 30, 1 << 30, 1 << 30, 0}
        }) {
            assertThatIllegalArgumentException()
                    .as(Arrays.toString(sizes))
                    .isThrownBy(() -> Shape.of(sizes))
                    .withMessageContaining("elements")
                    .withMessageContaining(Arrays.toString(sizes));
        }
        assertThat(Shape.of(Integer.MAX_VALUE, Integer.MAX_VALUE).elements())
                .isEqualTo((long) Integer.MAX_VALUE * Integer.MAX_VALUE);
    }

    @Test
    void countsAxesFromTheEnd() {
        Shape shape = Shape.of(2, 3, 4);
        assertThat(shape.size(-1)).isEqualTo(4);
        assertThat(shape.axis(-3)).isZero();
        assertThatIllegalArgumentException().isThrownBy(() -> shape.size(3)).withMessageContaining("-3 to 2");
        assertThatIllegalArgumentException().isThrownBy(() -> shape.size(-4)).withMessageContaining("Axis -4");
    }

    @Test
    void changesOneAxis() {
        Shape shape = Shape.of(2, 3, 4);
        assertThat(shape.with(1, 7)).isEqualTo(Shape.of(2, 7, 4));
        assertThat(shape.with(-1, 4)).isSameAs(shape);
        assertThat(shape.insert(0, 5)).isEqualTo(Shape.of(5, 2, 3, 4));
        assertThat(shape.insert(3, 5)).isEqualTo(Shape.of(2, 3, 4, 5));
        assertThat(shape.remove(1)).isEqualTo(Shape.of(2, 4));
        assertThat(Shape.of(9).remove(0)).isEqualTo(Shape.scalar());
    }

    @Test
    void insertsAnAxisCountedFromTheEndOfTheResult() {
        Shape shape = Shape.of(2, 3);
        assertThat(shape.insert(-1, 5)).isEqualTo(Shape.of(2, 3, 5));
        assertThat(shape.insert(-2, 5)).isEqualTo(Shape.of(2, 5, 3));
        assertThat(shape.insert(-3, 5)).isEqualTo(Shape.of(5, 2, 3));
        assertThat(Shape.scalar().insert(-1, 5)).isEqualTo(Shape.of(5));
        assertThat(Shape.scalar().insert(0, 5)).isEqualTo(Shape.of(5));
        for (int wrong : new int[] {3, -4, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> shape.insert(wrong, 5))
                    .withMessageContaining("insert expects an axis of the result, -3 to 2")
                    .withMessageContaining("got " + wrong);
        }
        assertThatIllegalArgumentException().isThrownBy(() -> shape.insert(0, -5));
    }

    @Test
    void resolvesAxesAndRefusesRepeatedOnes() {
        Shape shape = Shape.of(2, 3, 4);
        assertThat(shape.axes(-1, 0)).containsExactly(2, 0);
        assertThat(shape.axes()).isEmpty();
        assertThat(Shape.scalar().axes()).isEmpty();
        for (int[] repeated : new int[][] {{1, 1}, {1, -2}, {-1, 0, 2}, {0, 1, 2, 0}}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> shape.axes(repeated))
                    .withMessageContaining("more than once")
                    .withMessageContaining("[2, 3, 4]");
        }
        assertThatIllegalArgumentException().isThrownBy(() -> shape.axes(0, 3)).withMessageContaining("Axis 3");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Shape.scalar().axes(0))
                .withMessageContaining("Axis 0")
                .withMessageContaining("scalar");
    }

    @Test
    void keepsItsOwnSizes() {
        int[] sizes = {2, 3};
        Shape shape = Shape.of(sizes);
        sizes[0] = 9;
        shape.toArray()[1] = 9;
        assertThat(shape)
                .isEqualTo(Shape.of(2, 3))
                .hasSameHashCodeAs(Shape.of(2, 3))
                .hasToString("[2, 3]");
    }

    @Test
    void broadcastsFromTheEnd() {
        assertThat(Shape.broadcast(Shape.of(2, 3, 4), Shape.of(4))).isEqualTo(Shape.of(2, 3, 4));
        assertThat(Shape.broadcast(Shape.of(3, 1), Shape.of(1, 4))).isEqualTo(Shape.of(3, 4));
        assertThat(Shape.broadcast(Shape.scalar(), Shape.of(5))).isEqualTo(Shape.of(5));
        assertThat(Shape.broadcast(Shape.of(1), Shape.of(0))).isEqualTo(Shape.of(0));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Shape.broadcast(Shape.of(2, 3), Shape.of(2, 1, 4)))
                .withMessageContaining("[2, 3]")
                .withMessageContaining("[2, 1, 4]")
                .withMessageContaining("axis -1");
        assertThatIllegalArgumentException().isThrownBy(() -> Shape.broadcast(Shape.of(0), Shape.of(2)));
    }
}
