package org.alborz.cpu.vector;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

final class SpeedProbeTest {
    private static final SpeedProbe FAST = new SpeedProbe(24, 20, 0.3);
    private static final SpeedProbe SLOW = new SpeedProbe(0.1, 0.7, 1);
    private static final SpeedProbe DISTURBED = new SpeedProbe(0.1, 0.7, 0.3);

    private final AtomicReference<SpeedProbe> settled = new AtomicReference<>();

    private SpeedProbe result(SpeedProbe... measurements) {
        ArrayDeque<SpeedProbe> left = new ArrayDeque<>(List.of(measurements));
        SpeedProbe found = SpeedProbe.result(settled, left::remove);
        assertThat(left).isEmpty();
        return found;
    }

    @Test
    void onlyVectorsThatArePlainlySlowerAreSlow() {
        assertThat(new SpeedProbe(20, 20, 1).isFast()).isTrue();
        assertThat(new SpeedProbe(24, 20, 1).isFast()).isTrue();
        assertThat(new SpeedProbe(19, 20, 1).isFast()).isFalse();
        assertThat(new SpeedProbe(0.1, 20, 1).isFast()).isFalse();
    }

    @Test
    void aClearOutcomeIsKept() {
        assertThat(result(FAST)).isEqualTo(FAST);
        assertThat(result()).isEqualTo(FAST);
        settled.set(null);
        assertThat(result(SLOW)).isEqualTo(SLOW);
        assertThat(result()).isEqualTo(SLOW);
    }

    @Test
    void aBadOutcomeOnABusyMachineIsMeasuredAgainAndNotKept() {
        assertThat(result(DISTURBED, DISTURBED)).isEqualTo(DISTURBED);
        assertThat(result(DISTURBED, FAST)).isEqualTo(FAST);
        assertThat(result()).isEqualTo(FAST);
    }

    @Test
    void theMeasurementIsThereAndPlausible() {
        SpeedProbe probe = SpeedProbe.result();
        assertThat(probe.vectorGflops()).isPositive();
        assertThat(probe.plainGflops()).isPositive();
        assertThat(probe.share()).isBetween(0.0, 1.0);
    }
}
