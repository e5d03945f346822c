package org.alborz.cuda.budget;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.alborz.cuda.driver.StreamWork;
import org.alborz.cuda.driver.WorkKind;
import org.junit.jupiter.api.Test;

final class GpuRooflineTest {
    private final GpuRoofline roofline = new GpuRoofline(4e12, 50e9, 1e-6, 2e-6, 200e12);

    private void takes(double microseconds, WorkKind kind, long bytes, long operations) {
        assertThat(roofline.seconds(new StreamWork(kind, "work", bytes, operations, false)) * 1e6)
                .isCloseTo(microseconds, within(1e-9));
    }

    @Test
    void workTakesTheLongestOfMemoryArithmeticAndTheShortestKernel() {
        takes(3, WorkKind.KERNEL, 100, 0);
        takes(11, WorkKind.KERNEL, 40_000_000, 0);
        takes(21, WorkKind.CONVOLUTION, 40_000_000, 4_000_000_000L);
        takes(11, WorkKind.PRODUCT, 40_000_000, 40);
        takes(41, WorkKind.UPLOAD, 2_000_000, 0);
        takes(1, WorkKind.GRAPH, 0, 0);
    }

    @Test
    void refusesWhatNoDeviceHas() {
        assertThatThrownBy(() -> new GpuRoofline(0, 1, 1, 1, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("GpuRoofline expects a finite bandwidth above 0, got 0.0");
        assertThatThrownBy(() -> new GpuRoofline(1, 1, -1, 1, 1))
                .hasMessage("GpuRoofline expects a finite gap of at least 0, got -1.0");
        assertThatThrownBy(() -> new GpuRoofline(1, 1, 1, 1, Double.NaN)).hasMessageContaining("rate above 0, got NaN");
    }
}
