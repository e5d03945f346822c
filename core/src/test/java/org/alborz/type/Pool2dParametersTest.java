package org.alborz.type;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class Pool2dParametersTest {
    /** Sizes that PyTorch 1.13's {@code max_pool2d} gives, kernel, stride, padding, dilation, ceil_mode and size as here. */
    @ParameterizedTest
    @CsvSource({
        "2, 2, 0, 1, false, 5, 2",
        "2, 2, 0, 1, true, 5, 3",
        "3, 2, 1, 1, false, 6, 3",
        "3, 2, 1, 1, true, 6, 4",
        "3, 2, 1, 1, true, 5, 3",
        "2, 3, 1, 1, true, 4, 2",
        "2, 3, 1, 1, true, 5, 2",
        "2, 3, 1, 1, true, 6, 3",
        "3, 2, 0, 2, false, 8, 2",
        "3, 2, 0, 2, true, 8, 3",
        "3, 4, 1, 1, true, 7, 2",
        "1, 2, 0, 1, true, 4, 2"
    })
    void hasAsManyWindowsAsPyTorch(
            int kernel, int stride, int padding, int dilation, boolean ceil, int size, int windows) {
        Pool2dParameters p = Pool2dParameters.of(kernel)
                .withStride(stride)
                .withPadding(padding)
                .withDilation(dilation)
                .withCeil(ceil);
        assertThat(p.outputH(size)).isEqualTo(windows);
        assertThat(p.outputW(size)).isEqualTo(windows);
    }

    @Test
    void hasNoPartialWindowWhereNotEvenOneFits() {
        Pool2dParameters p = Pool2dParameters.of(4).withCeil(true);
        assertThat(p.outputH(3)).isZero();
        assertThat(p.outputH(4)).isOne();
    }

    @Test
    void countsTheElementsOfAWindow() {
        // 5 elements with 1 of padding in front: windows begin at -1, 1 and 3, and the last reaches one beyond.
        Pool2dParameters p = Pool2dParameters.of(3)
                .withStride(2)
                .withPadding(new Padding2d(1, 0, 0, 0))
                .withCeil(true);
        PoolAxis rows = p.rows(5);
        assertThat(p.outputH(5)).isEqualTo(3);
        assertThat(new int[] {rows.first(0), rows.first(1), rows.first(2)}).containsExactly(0, 1, 3);
        assertThat(new int[] {rows.taps(0), rows.taps(1), rows.taps(2)}).containsExactly(2, 3, 2);
        assertThat(new int[] {rows.counted(0), rows.counted(1), rows.counted(2)})
                .containsExactly(3, 3, 2);
        assertThat(p.withCountPadding(false).rows(5).counted(0)).isEqualTo(2);
    }

    @Test
    void skipsElementsWithDilation() {
        PoolAxis rows = Pool2dParameters.of(3)
                .withStride(1)
                .withPadding(1)
                .withDilation(2)
                .rows(5);
        assertThat(rows.first(0)).isEqualTo(1);
        assertThat(rows.taps(0)).isEqualTo(2);
        assertThat(rows.first(1)).isZero();
        assertThat(rows.taps(1)).isEqualTo(3);
        assertThat(rows.taps(2)).isEqualTo(2);
    }

    @Test
    void namesWhatDiffersFromTheUsual() {
        assertThat(Pool2dParameters.of(3, 2).withStride(2).withPadding(new Padding2d(1, 0, 1, 1)))
                .hasToString("kernel=3x2, stride=2, padding=1+0x1+1");
        assertThat(Pool2dParameters.of(3).withDilation(2).withCeil(true).withCountPadding(false))
                .hasToString("kernel=3, stride=3, dilation=2, ceil, padding not counted");
    }

    @Test
    void refusesPaddingOfMoreThanHalfTheWindow() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Pool2dParameters.of(3).withPadding(new Padding2d(0, 2, 0, 0)))
                .withMessageContaining("at most half the kernel 3x3 on each side, got padding=0+2x0+0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Pool2dParameters.of(3).withPadding(null))
                .withMessageContaining("expects a padding, got null");
    }

    @Test
    void theSamePaddingKeepsTheSize() {
        for (int kernel = 1; kernel < 6; kernel++) {
            for (int dilation = 1; dilation < 4; dilation++) {
                Conv2dParameters p = Conv2dParameters.defaults()
                        .withDilation(dilation)
                        .withPadding(Padding2d.same(kernel, 3, dilation));
                assertThat(p.outputH(7, kernel)).isEqualTo(7);
                assertThat(p.outputW(5, 3)).isEqualTo(5);
            }
        }
        assertThat(Padding2d.same(4, 3, 1)).isEqualTo(new Padding2d(1, 2, 1, 1));
    }
}
