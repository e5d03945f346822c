package org.alborz.cpu.scalar;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.alborz.type.Layout;
import org.alborz.type.Shape;
import org.junit.jupiter.api.Test;

class StridedTest {
    private final Strided walk = new Strided();

    private List<List<Integer>> visited(int operands) {
        List<List<Integer>> places = new ArrayList<>();
        while (walk.next()) {
            for (int i = 0; i < walk.length(); i++) {
                Integer[] tuple = new Integer[operands];
                for (int operand = 0; operand < operands; operand++) {
                    tuple[operand] = walk.at(operand) + i * walk.step(operand);
                }
                places.add(Arrays.asList(tuple));
            }
        }
        return places;
    }

    @Test
    void pairsTheElementsOfTwoLayouts() {
        Layout transposed = Layout.rowMajor(Shape.of(3, 2)).transpose(0, 1);
        walk.start(transposed, Layout.rowMajor(Shape.of(2, 3)));
        assertThat(visited(2))
                .containsExactly(
                        List.of(0, 0), List.of(2, 1), List.of(4, 2), List.of(1, 3), List.of(3, 4), List.of(5, 5));
    }

    @Test
    void repeatsBroadcastElements() {
        Shape shape = Shape.of(2, 2);
        walk.start(Layout.rowMajor(Shape.of(2, 1)).expand(shape), Layout.rowMajor(shape));
        assertThat(visited(2)).containsExactly(List.of(0, 0), List.of(0, 1), List.of(1, 2), List.of(1, 3));
    }

    @Test
    void joinsAxesSoThatDenseOperandsAreOneRun() {
        Shape shape = Shape.of(3, 4, 5, 6);
        walk.start(Layout.channelsLast(shape), Layout.channelsLast(shape));
        assertThat(walk.next()).isTrue();
        assertThat(walk.length()).isEqualTo(360);
        assertThat(walk.next()).isFalse();
    }

    @Test
    void splitsALongRunIntoBlocks() {
        walk.start(Layout.rowMajor(Shape.of(2, Strided.BLOCK + 1)).narrow(1, 0, Strided.BLOCK + 1, 1));
        List<List<Integer>> places = visited(1);
        assertThat(places).hasSize(2 * Strided.BLOCK + 2);
        for (int i = 0; i < places.size(); i++) {
            assertThat(places.get(i)).containsExactly(i);
        }
    }

    @Test
    void leavesOneAxisOutAndStartsOverElsewhere() {
        Layout layout = Layout.rowMajor(Shape.of(2, 3, 2));
        walk.startWithout(1, layout);
        assertThat(visited(1)).containsExactly(List.of(0), List.of(1), List.of(6), List.of(7));
        walk.restart();
        walk.move(0, 2 * layout.stride(1));
        assertThat(visited(1)).containsExactly(List.of(4), List.of(5), List.of(10), List.of(11));
    }

    @Test
    void visitsAScalarOnceAndAnEmptyShapeNever() {
        walk.start(Layout.rowMajor(Shape.scalar()).shift(7));
        assertThat(visited(1)).containsExactly(List.of(7));
        walk.start(Layout.rowMajor(Shape.of(3, 0, 2)));
        assertThat(walk.next()).isFalse();
        walk.startWithout(1, Layout.rowMajor(Shape.of(2, 0)));
        assertThat(visited(1)).hasSize(2);
    }

    @Test
    void doesNotJoinRepeatedAxesBeyondTheRangeOfIntegers() {
        Layout one = Layout.rowMajor(Shape.scalar());
        walk.start(one.expand(Shape.of(1 << 16, 1 << 16)));
        assertThat(walk.next()).isTrue();
        assertThat(walk.length()).isEqualTo(Strided.BLOCK);
    }

    @Test
    void takesMoreAxesThanUsual() {
        Layout layout = Layout.rowMajor(Shape.of(2, 2, 2, 2, 2, 2, 2, 2, 2, 2)).narrow(-1, 0, 1, 1);
        walk.start(layout.permute(9, 8, 7, 6, 5, 4, 3, 2, 1, 0), layout.permute(9, 8, 7, 6, 5, 4, 3, 2, 1, 0));
        assertThat(visited(2)).hasSize(512).doesNotHaveDuplicates();
    }
}
