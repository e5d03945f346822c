package org.alborz.cuda.driver;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class KernelTrafficTest {
    private final KernelTraffic traffic = new KernelTraffic();

    @Test
    void whatIsReadAndWrittenCountsTwice() {
        traffic.read(100);
        traffic.written(30);
        assertThat(traffic.bytes("binary")).isEqualTo(130);
        assertThat(traffic.bytes("adam")).isEqualTo(160);
    }

    @Test
    void ofATableOnlyTheChosenRowsCount() {
        traffic.read(1_000_000);
        traffic.read(8);
        traffic.written(30);
        assertThat(traffic.bytes("gather")).isEqualTo(8 + 30 + 30);
        traffic.clear();
        assertThat(traffic.bytes("gather")).isZero();
    }

    /** Images that are read only where sums have lost digits. */
    @Test
    void ofTwoSuchOperandsNeitherCounts() {
        traffic.read(1_000_000);
        traffic.read(8);
        traffic.read(900_000);
        traffic.written(30);
        assertThat(traffic.bytes("batch_norm_backward_of_sums_mixed")).isEqualTo(8 + 2 * 30 + 30);
        assertThat(traffic.bytes("batch_norm_sums_mixed")).isEqualTo(8 + 900_000 + 30 + 30);
        traffic.clear();
        traffic.read(1_000_000);
        assertThat(traffic.bytes("batch_norm_backward_of_sums_mixed")).isZero();
    }

    @Test
    void aStemIsTheNameWithoutDataTypes() {
        assertThat(KernelTraffic.stem("batch_norm_apply_f32")).isEqualTo("batch_norm_apply");
        assertThat(KernelTraffic.stem("copy_strided_bf16_f32")).isEqualTo("copy_strided");
        assertThat(KernelTraffic.stem("set_replay")).isEqualTo("set_replay");
    }
}
