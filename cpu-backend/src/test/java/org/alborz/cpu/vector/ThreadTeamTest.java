package org.alborz.cpu.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ThreadTeamTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5})
    void runsEachTaskOnce(int threads) {
        try (ThreadTeam team = new ThreadTeam(threads)) {
            assertThat(team.size()).isEqualTo(threads);
            for (int tasks = 0; tasks < 200; tasks++) {
                AtomicIntegerArray runs = new AtomicIntegerArray(tasks);
                team.run(tasks, (task, member) -> {
                    assertThat(member).isBetween(0, threads - 1);
                    runs.incrementAndGet(task);
                });
                for (int task = 0; task < tasks; task++) {
                    assertThat(runs.get(task)).isEqualTo(1);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void throwsWhatATaskThrewAndGoesOn(int threads) {
        try (ThreadTeam team = new ThreadTeam(threads)) {
            assertThatThrownBy(() -> team.run(8, (task, member) -> {
                        if (task == 5) {
                            throw new IndexOutOfBoundsException("task 5");
                        }
                    }))
                    .isInstanceOf(IndexOutOfBoundsException.class)
                    .hasMessage("task 5");
            AtomicIntegerArray runs = new AtomicIntegerArray(4);
            team.run(4, (task, member) -> runs.incrementAndGet(task));
            assertThat(runs.toString()).isEqualTo("[1, 1, 1, 1]");
        }
    }

    @Test
    void wakesThreadsThatSleep() throws InterruptedException {
        try (ThreadTeam team = new ThreadTeam(2)) {
            Thread.sleep(50);
            // Each task waits for the other, so both threads must take part.
            AtomicIntegerArray arrived = new AtomicIntegerArray(2);
            team.run(2, (task, member) -> {
                arrived.set(task, 1);
                while (arrived.get(1 - task) == 0) {
                    Thread.onSpinWait();
                }
            });
            assertThat(arrived.toString()).isEqualTo("[1, 1]");
        }
    }

    @Test
    void refusesWorkAfterClose() {
        ThreadTeam team = new ThreadTeam(2);
        team.close();
        assertThatThrownBy(() -> team.run(1, (task, member) -> {})).hasMessageContaining("closed");
    }
}
