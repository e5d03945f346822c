package org.alborz.cpu.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
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
                team.run(tasks, (task, worker) -> {
                    assertThat(worker).isBetween(0, threads - 1);
                    runs.incrementAndGet(task);
                });
                for (int task = 0; task < tasks; task++) {
                    assertThat(runs.get(task)).isEqualTo(1);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5})
    void runsEachSharedTaskOnceToo(int threads) {
        try (ThreadTeam team = new ThreadTeam(threads)) {
            for (int own = 0; own < 12; own++) {
                for (int shared = 0; shared < 12; shared++) {
                    AtomicIntegerArray runs = new AtomicIntegerArray(own + shared);
                    team.run(own, shared, (task, worker) -> runs.incrementAndGet(task));
                    for (int task = 0; task < own + shared; task++) {
                        assertThat(runs.get(task)).isEqualTo(1);
                    }
                }
            }
        }
    }

    /** So that each has the same parts of memory in its caches job after job. */
    @Test
    @Timeout(300)
    void eachThreadBeginsWithTasksOfItsOwn() {
        try (ThreadTeam team = new ThreadTeam(3)) {
            for (int job = 0; job < 50; job++) {
                AtomicIntegerArray workers = new AtomicIntegerArray(6);
                AtomicIntegerArray arrived = new AtomicIntegerArray(2);
                team.run(6, (task, worker) -> {
                    workers.set(task, worker);
                    // No thread goes on before each has begun its first task, or its second: so none is late, and loses
                    // a task.
                    arrived.incrementAndGet(task % 2);
                    while (arrived.get(task % 2) < 3) {
                        if (Thread.interrupted()) {
                            throw new IllegalStateException(
                                    "Not all threads have begun task " + task % 2 + " of their own");
                        }
                        Thread.onSpinWait();
                    }
                });
                assertThat(workers.toString()).isEqualTo("[0, 0, 1, 1, 2, 2]");
            }
        }
    }

    @Test
    @Timeout(300)
    void othersTakeTheTasksOfAThreadThatIsLate() {
        try (ThreadTeam team = new ThreadTeam(2)) {
            AtomicIntegerArray workers = new AtomicIntegerArray(8);
            CountDownLatch others = new CountDownLatch(7);
            team.run(6, 2, (task, worker) -> {
                workers.set(task, worker);
                if (task == 0) {
                    awaitUninterruptibly(others);
                } else {
                    others.countDown();
                }
            });
            int other = 1 - workers.get(0); // which of the two was late is a matter of chance
            for (int task : new int[] {1, 2, 6, 7}) {
                assertThat(workers.get(task)).isEqualTo(other);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void throwsWhatATaskThrewAndGoesOn(int threads) {
        try (ThreadTeam team = new ThreadTeam(threads)) {
            assertThatThrownBy(() -> team.run(8, (task, worker) -> {
                        if (task == 5) {
                            throw new IndexOutOfBoundsException("task 5");
                        }
                    }))
                    .isInstanceOf(IndexOutOfBoundsException.class)
                    .hasMessage("task 5");
            AtomicIntegerArray runs = new AtomicIntegerArray(4);
            team.run(4, (task, worker) -> runs.incrementAndGet(task));
            assertThat(runs.toString()).isEqualTo("[1, 1, 1, 1]");
        }
    }

    @Test
    void wakesThreadsThatSleep() throws InterruptedException {
        try (ThreadTeam team = new ThreadTeam(2)) {
            Thread.sleep(50);
            // Each task waits for the other, so both threads must take part.
            AtomicIntegerArray arrived = new AtomicIntegerArray(2);
            team.run(2, (task, worker) -> {
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
        assertThatThrownBy(() -> team.run(1, (task, worker) -> {})).hasMessageContaining("closed");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    @Timeout(300)
    void aJobInsideATaskIsRefused(int threads) {
        try (ThreadTeam team = new ThreadTeam(threads)) {
            assertThatThrownBy(() -> team.run(4, (task, worker) -> team.run(2, (inner, other) -> {})))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("one computation after the other");
            AtomicIntegerArray runs = new AtomicIntegerArray(4);
            team.run(4, (task, worker) -> runs.incrementAndGet(task));
            assertThat(runs.toString()).isEqualTo("[1, 1, 1, 1]");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    @Timeout(300)
    void aJobOfAnotherThreadMeanwhileIsRefused(int threads) throws Exception {
        try (ThreadTeam team = new ThreadTeam(threads)) {
            CountDownLatch started = new CountDownLatch(1);
            CountDownLatch refused = new CountDownLatch(1);
            FutureTask<Void> job = new FutureTask<>(() -> {
                team.run(4, (task, worker) -> {
                    started.countDown();
                    awaitUninterruptibly(refused);
                });
                return null;
            });
            new Thread(job, "first").start();
            started.await();
            assertThatThrownBy(() -> team.run(2, (task, worker) -> {}))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContainingAll("'first'", "one thread at a time");
            refused.countDown();
            job.get();
            team.run(2, (task, worker) -> {});
        }
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Many threads ask for work as fast as they can: each job is done whole or refused, and none is left waiting. */
    @Test
    @Timeout(300)
    void manyCallersAreNeverLeftWaiting() throws Exception {
        try (ThreadTeam team = new ThreadTeam(3)) {
            List<FutureTask<Integer>> callers = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                FutureTask<Integer> caller = new FutureTask<>(() -> {
                    int done = 0;
                    for (int job = 0; job < 2_000; job++) {
                        AtomicIntegerArray runs = new AtomicIntegerArray(5);
                        try {
                            team.run(5, (task, worker) -> runs.incrementAndGet(task));
                            assertThat(runs.toString()).isEqualTo("[1, 1, 1, 1, 1]");
                            done++;
                        } catch (IllegalStateException e) {
                            assertThat(runs.toString()).isEqualTo("[0, 0, 0, 0, 0]");
                        }
                    }
                    return done;
                });
                callers.add(caller);
                new Thread(caller).start();
            }
            int done = 0;
            for (FutureTask<Integer> caller : callers) {
                done += caller.get();
            }
            assertThat(done).isPositive();
        }
    }

    @Test
    @Timeout(300)
    void aThreadThatCannotBeStartedEndsTheOthers() throws InterruptedException {
        List<Thread> started = new ArrayList<>();
        assertThatThrownBy(() -> new ThreadTeam(4, thread -> {
                    if (started.size() == 2) {
                        throw new OutOfMemoryError("unable to create native thread");
                    }
                    thread.start();
                    started.add(thread);
                }))
                .isInstanceOf(OutOfMemoryError.class);
        assertThat(started).hasSize(2);
        for (Thread thread : started) {
            thread.join();
        }
    }

    @Test
    @Timeout(300)
    void interruptedThreadsStillSleepAndEnd() throws InterruptedException {
        List<Thread> started = new ArrayList<>();
        ThreadTeam team = new ThreadTeam(3, thread -> {
            thread.start();
            started.add(thread);
        });
        for (Thread thread : started) {
            thread.interrupt();
        }
        Thread.currentThread().interrupt();
        AtomicIntegerArray runs = new AtomicIntegerArray(4);
        team.run(4, (task, worker) -> runs.incrementAndGet(task));
        assertThat(Thread.interrupted()).isTrue();
        assertThat(runs.toString()).isEqualTo("[1, 1, 1, 1]");
        for (Thread thread : started) {
            while (thread.getState() != Thread.State.WAITING) {
                Thread.sleep(1);
            }
        }
        team.close();
        for (Thread thread : started) {
            thread.join();
        }
    }
}
