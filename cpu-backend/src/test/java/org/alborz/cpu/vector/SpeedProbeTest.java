package org.alborz.cpu.vector;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class SpeedProbeTest {
    @Test
    void onlyVectorsThatArePlainlySlowerAreSlow() {
        assertThat(new SpeedProbe(20, 20).isFast()).isTrue();
        assertThat(new SpeedProbe(24, 20).isFast()).isTrue();
        assertThat(new SpeedProbe(19, 20).isFast()).isFalse();
        assertThat(new SpeedProbe(0.1, 20).isFast()).isFalse();
    }
}
