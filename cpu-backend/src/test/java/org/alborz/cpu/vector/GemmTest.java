package org.alborz.cpu.vector;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class GemmTest {
    @Test
    void divisionRoundsUpWithoutOverflow() {
        assertThat(Gemm.ceilDiv(0, 4)).isZero();
        assertThat(Gemm.ceilDiv(1, 4)).isEqualTo(1);
        assertThat(Gemm.ceilDiv(4, 4)).isEqualTo(1);
        assertThat(Gemm.ceilDiv(5, 4)).isEqualTo(2);
        assertThat(Gemm.ceilDiv(Integer.MAX_VALUE, 2)).isEqualTo(1 << 30);
        assertThat(Gemm.ceilDiv(Integer.MAX_VALUE, Integer.MAX_VALUE)).isEqualTo(1);
        assertThat(Gemm.ceilDiv(-2, 4)).isZero(); // rows that a stride never meets
    }
}
