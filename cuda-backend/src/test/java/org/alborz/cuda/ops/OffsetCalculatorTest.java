package org.alborz.cuda.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.alborz.cuda.SoftwareGpu;
import org.alborz.cuda.driver.Context;
import org.alborz.cuda.driver.Launcher;
import org.alborz.cuda.driver.Resources;
import org.alborz.cuda.driver.Stream;
import org.alborz.type.Layout;
import org.alborz.type.Shape;
import org.junit.jupiter.api.Test;

final class OffsetCalculatorTest {
    /** The position of a launch's first argument, behind the table of pointers. */
    private static final int FIRST_ARGUMENT = 64 * Long.BYTES;

    private static final int AXES = 8;

    private final OffsetCalculator axes = new OffsetCalculator();

    private int[] sizes() {
        return IntStream.range(0, axes.rank()).map(axes::size).toArray();
    }

    private long[] strides(int operand) {
        return IntStream.range(0, axes.rank())
                .mapToLong(axis -> axes.stride(operand, axis))
                .toArray();
    }

    @Test
    void operandsThatLieAlikeAreOneAxisWhateverTheirOrder() {
        for (Layout layout : new Layout[] {
            Layout.rowMajor(Shape.of(2, 3, 4, 5)),
            Layout.channelsLast(Shape.of(2, 3, 4, 5)),
            Layout.filter(Shape.of(2, 3, 4, 5)),
            Layout.rowMajor(Shape.of(5, 4)).transpose(0, 1),
            Layout.rowMajor(Shape.of(1, 7, 1, 3)),
        }) {
            axes.over(layout, layout.shift(3), layout);
            assertThat(axes.isContiguous()).as("%s", layout).isTrue();
            assertThat(axes.rank()).isEqualTo(1);
            assertThat(axes.elements()).isEqualTo(layout.shape().elements());
        }
    }

    @Test
    void oneElementIsContiguous() {
        assertThat(axes.over(Layout.rowMajor(Shape.of(1, 1))).isContiguous()).isTrue();
        assertThat(axes.rank()).isZero();
        assertThat(axes.elements()).isEqualTo(1);
    }

    @Test
    void stridesOfSizeOneSayNothing() {
        Layout odd = Layout.of(Shape.of(4, 1, 3), new long[] {3, 1000, 1}, 0);
        assertThat(axes.over(odd, Layout.rowMajor(odd.shape())).isContiguous()).isTrue();
    }

    @Test
    void aRepeatedRowIsAnAxisOfItsOwn() {
        Shape shape = Shape.of(2, 3, 4);
        axes.over(Layout.rowMajor(Shape.of(4)).expand(shape), Layout.rowMajor(shape));
        assertThat(axes.isContiguous()).isFalse();
        assertThat(sizes()).containsExactly(6, 4);
        assertThat(strides(0)).containsExactly(0, 1);
        assertThat(strides(1)).containsExactly(4, 1);
    }

    @Test
    void aRepeatedElementIsNotContiguous() {
        Shape shape = Shape.of(2, 3);
        axes.over(Layout.rowMajor(Shape.of(1)).expand(shape), Layout.rowMajor(shape));
        assertThat(sizes()).containsExactly(6);
        assertThat(axes.isContiguous()).isFalse();
    }

    @Test
    void everySecondElementIsNotContiguous() {
        Layout second = Layout.rowMajor(Shape.of(8)).narrow(0, 0, 4, 2);
        assertThat(axes.over(second, second).isContiguous()).isFalse();
        assertThat(sizes()).containsExactly(4);
    }

    @Test
    void theResultsInnermostAxisComesLast() {
        Shape shape = Shape.of(2, 3, 4, 5);
        axes.over(Layout.rowMajor(shape), Layout.channelsLast(shape));
        assertThat(sizes()).containsExactly(2, 20, 3);
        assertThat(strides(0)).containsExactly(60, 1, 20);
        assertThat(strides(1)).containsExactly(60, 3, 1);
    }

    @Test
    void theCalculatorIsReused() {
        axes.over(
                Layout.rowMajor(Shape.of(3, 2)).transpose(0, 1),
                Layout.rowMajor(Shape.of(2, 3)),
                Layout.rowMajor(Shape.of(2, 3)));
        assertThat(axes.rank()).isEqualTo(2);
        assertThat(axes.over(Layout.rowMajor(Shape.of(5))).isContiguous()).isTrue();
        assertThat(axes.elements()).isEqualTo(5);
    }

    @Test
    void moreAxesThanAKernelTakesAreRefused() {
        assertThat(axes.over(gappy(AXES)).rank()).isEqualTo(AXES);
        assertThatThrownBy(() -> axes.over(gappy(AXES + 1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at most 8 axes")
                .hasMessageContaining("Make the tensors contiguous first");
    }

    /** Returns a layout of which no two axes can be joined. */
    private static Layout gappy(int axes) {
        int[] sizes = IntStream.range(0, axes).map(i -> 2).toArray();
        long[] strides = LongStream.iterate(1, s -> s * 3).limit(axes).toArray();
        return Layout.of(Shape.of(sizes), strides, 0);
    }

    @Test
    void anAxisApartIsNotJoined() {
        axes.begin(2);
        axes.axis(2, 12, 12, 0, 0);
        assertThat(axes.axisApart(1, 0, 4)).isEqualTo(1);
        axes.axis(3, 4, 4, 0, 0);
        axes.axis(4, 1, 1, 0, 0);
        assertThat(sizes()).containsExactly(2, 1, 12);
        assertThat(axes.elements()).isEqualTo(24);
    }

    @Test
    void kernelsAreToldHowToDivide() {
        SoftwareGpu.device();
        try (Resources resources = new Resources()) {
            Stream stream = resources.add(new Stream(resources.add(new Context(0))));
            Launcher launcher = resources.add(new Launcher(stream));
            IntStream some = IntStream.of(1009, 65_537, 1_000_003, 123_456_789, 2_000_000_011, Integer.MAX_VALUE);
            IntStream small = IntStream.rangeClosed(1, 600);
            IntStream powers = IntStream.range(10, 31).flatMap(p -> IntStream.of((1 << p) - 1, 1 << p, (1 << p) + 1));
            IntStream.of(some.toArray()).forEach(size -> checkDivision(launcher, size));
            small.forEach(size -> checkDivision(launcher, size));
            powers.forEach(size -> checkDivision(launcher, size));
        }
    }

    private void checkDivision(Launcher launcher, int size) {
        axes.begin(1);
        axes.axisApart(size, 1, 0);
        axes.passTo(launcher.kernel(null));
        ByteBuffer block = launcher.block();
        assertThat(block.getInt(FIRST_ARGUMENT)).as("rank").isEqualTo(1);
        assertThat(block.getInt(FIRST_ARGUMENT + Integer.BYTES)).isEqualTo(size);
        long magic = Integer.toUnsignedLong(block.getInt(FIRST_ARGUMENT + (1 + AXES) * Integer.BYTES));
        int shift = block.getInt(FIRST_ARGUMENT + (1 + 2 * AXES) * Integer.BYTES);
        long most = Integer.MAX_VALUE;
        long last = most / size * size;
        long middle = most / 2 / size * size;
        LongStream.of(0, 1, size - 1L, size, size + 1L, middle - 1, middle, last - 1, last, most - 1)
                .filter(i -> i >= 0 && i < most)
                .forEach(i -> assertThat(quotient(i, magic, shift))
                        .as("%d / %d", i, size)
                        .isEqualTo(i / size));
    }

    /** What {@code offset_calculator.cuh} computes, in 32 bits without sign. */
    private static long quotient(long i, long magic, int shift) {
        long sum = (i * magic >>> 32) + i;
        assertThat(sum).as("fits 32 bits").isLessThan(1L << 32);
        return sum >>> shift;
    }

    @Test
    void moreElementsThanAKernelCountsAreRefused() {
        SoftwareGpu.device();
        try (Resources resources = new Resources()) {
            Stream stream = resources.add(new Stream(resources.add(new Context(0))));
            Launcher launcher = resources.add(new Launcher(stream)).kernel(null);
            Shape shape = Shape.of(1 << 16, 1 << 15);
            axes.over(Layout.rowMajor(Shape.of(1 << 15)).expand(shape), Layout.rowMajor(shape));
            assertThatThrownBy(() -> axes.passTo(launcher))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("2147483647 elements, got 2147483648");
        }
    }

    @Test
    void aStrideThatKernelsCannotTakeIsRefused() {
        SoftwareGpu.device();
        try (Resources resources = new Resources()) {
            Stream stream = resources.add(new Stream(resources.add(new Context(0))));
            Launcher launcher = resources.add(new Launcher(stream)).kernel(null);
            axes.over(Layout.of(Shape.of(2, 3), new long[] {1L << 31, 1}, 0));
            assertThatThrownBy(() -> axes.passTo(launcher))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("2147483648")
                    .hasMessageContaining("Make the tensors contiguous first");
        }
    }
}
