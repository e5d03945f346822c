package org.alborz.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** A rank does not wait endlessly for another that hangs, such as while it reads its rows. */
class BarrierCallTest {
    @Test
    void aCallThatDoesNotReturnInTimeFails() {
        CountDownLatch never = new CountDownLatch(1);
        assertThatThrownBy(() -> BarrierCall.within(Duration.ofMillis(50), "Rank 1 has waited for all ranks", () -> {
                    never.await();
                    return null;
                }))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("Rank 1 has waited for all ranks for PT0.05S, and not all came");
        never.countDown();
    }

    @Test
    void resultsAndFailuresAreThoseOfTheCall() {
        assertThat(BarrierCall.within(Duration.ofMinutes(1), "Rank 1 has waited", () -> 3))
                .isEqualTo(3);
        IllegalArgumentException failure = new IllegalArgumentException("killed");
        assertThatThrownBy(() -> BarrierCall.within(Duration.ofMinutes(1), "Rank 1 has waited", () -> {
                    throw failure;
                }))
                .isSameAs(failure);
    }

    @Test
    void anInterruptEndsTheWait() {
        CountDownLatch never = new CountDownLatch(1);
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> BarrierCall.within(Duration.ofMinutes(1), "Rank 1 has waited", () -> {
                    never.await();
                    return null;
                }))
                .hasMessage("Rank 1 has waited, and was interrupted");
        assertThat(Thread.interrupted()).isTrue();
        never.countDown();
    }
}
