package org.alborz.cpu.scalar;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.alborz.type.Layout;
import org.alborz.type.Shape;
import org.junit.jupiter.api.Test;

class StridedIteratorTest {
    private final StridedIterator iterator = new StridedIterator();

    private List<List<Integer>> visited(int operands) {
        List<List<Integer>> places = new ArrayList<>();
        while (iterator.next()) {
            for (int i = 0; i < iterator.length(); i++) {
                Integer[] tuple = new Integer[operands];
                for (int operand = 0; operand < operands; operand++) {
                    tuple[operand] = iterator.at(operand) + i * iterator.step(operand);
                }
                places.add(Arrays.asList(tuple));
            }
        }
        return places;
    }

    @Test
    void pairsTheElementsOfTwoLayouts() {
        Layout transposed = Layout.rowMajor(Shape.of(3, 2)).transpose(0, 1);
        iterator.start(transposed, Layout.rowMajor(Shape.of(2, 3)));
        assertThat(visited(2))
                .containsExactly(
                        List.of(0, 0), List.of(2, 1), List.of(4, 2), List.of(1, 3), List.of(3, 4), List.of(5, 5));
    }

    @Test
    void repeatsBroadcastElements() {
        Shape shape = Shape.of(2, 2);
        iterator.start(Layout.rowMajor(Shape.of(2, 1)).expand(shape), Layout.rowMajor(shape));
        assertThat(visited(2)).containsExactly(List.of(0, 0), List.of(0, 1), List.of(1, 2), List.of(1, 3));
    }

    @Test
    void joinsAxesSoThatDenseOperandsAreOneRun() {
        Shape shape = Shape.of(3, 4, 5, 6);
        iterator.start(Layout.channelsLast(shape), Layout.channelsLast(shape));
        assertThat(iterator.next()).isTrue();
        assertThat(iterator.length()).isEqualTo(360);
        assertThat(iterator.next()).isFalse();
    }

    @Test
    void splitsALongRunIntoBlocks() {
        iterator.start(
                Layout.rowMajor(Shape.of(2, StridedIterator.BLOCK + 1)).narrow(1, 0, StridedIterator.BLOCK + 1, 1));
        List<List<Integer>> places = visited(1);
        assertThat(places).hasSize(2 * StridedIterator.BLOCK + 2);
        for (int i = 0; i < places.size(); i++) {
            assertThat(places.get(i)).containsExactly(i);
        }
    }

    @Test
    void leavesOneAxisOutAndStartsOverElsewhere() {
        Layout layout = Layout.rowMajor(Shape.of(2, 3, 2));
        iterator.startWithout(1, layout);
        assertThat(visited(1)).containsExactly(List.of(0), List.of(1), List.of(6), List.of(7));
        iterator.restart();
        iterator.move(0, 2 * layout.stride(1));
        assertThat(visited(1)).containsExactly(List.of(4), List.of(5), List.of(10), List.of(11));
    }

    @Test
    void visitsAScalarOnceAndAnEmptyShapeNever() {
        iterator.start(Layout.rowMajor(Shape.scalar()).shift(7));
        assertThat(visited(1)).containsExactly(List.of(7));
        iterator.start(Layout.rowMajor(Shape.of(3, 0, 2)));
        assertThat(iterator.next()).isFalse();
        iterator.startWithout(1, Layout.rowMajor(Shape.of(2, 0)));
        assertThat(visited(1)).hasSize(2);
    }

    @Test
    void doesNotJoinRepeatedAxesBeyondTheRangeOfIntegers() {
        Layout one = Layout.rowMajor(Shape.scalar());
        iterator.start(one.expand(Shape.of(1 << 16, 1 << 16)));
        assertThat(iterator.next()).isTrue();
        assertThat(iterator.length()).isEqualTo(StridedIterator.BLOCK);
    }

    @Test
    void takesMoreAxesThanUsual() {
        Layout layout = Layout.rowMajor(Shape.of(2, 2, 2, 2, 2, 2, 2, 2, 2, 2)).narrow(-1, 0, 1, 1);
        iterator.start(layout.permute(9, 8, 7, 6, 5, 4, 3, 2, 1, 0), layout.permute(9, 8, 7, 6, 5, 4, 3, 2, 1, 0));
        assertThat(visited(2)).hasSize(512).doesNotHaveDuplicates();
    }
}
