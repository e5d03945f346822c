package org.alborz.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The batches do not depend on how many threads read them, nor on which of them is slow or fails. */
@Timeout(300)
class WorkersTest {
    private static final int SIZE = 103;

    /** Takes as long as it likes over some samples. */
    private static final class Slow extends NumberedDataset {
        private final Set<Thread> readers = ConcurrentHashMap.newKeySet();

        Slow() {
            super(SIZE, 2);
        }

        @Override
        public void read(int index, Sample into) {
            readers.add(Thread.currentThread());
            pause(index % 7 == 0 ? 3 : 0);
            super.read(index, into);
        }
    }

    private static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static DataLoader.Builder loader(Dataset data) {
        return DataLoader.of(data, 10).shuffle(true).seed(3).transform((sample, random) -> {
            sample.floats(0)[sample.at(0)] += random.uniform();
            sample.floats(0)[sample.at(0) + 1] += (float) random.normal();
        });
    }

    private static List<String> batches(DataLoader loader, int first) {
        List<String> batches = new ArrayList<>();
        try (BatchIterator iterator = loader.epoch(1, first)) {
            for (Batch batch = iterator.next(); batch != null; batch = iterator.next()) {
                int size = batch.size();
                batches.add(batch.index() + " " + batch.shape(0)
                        + Arrays.toString(Arrays.copyOf(batch.samples(), size))
                        + Arrays.toString(Arrays.copyOf(batch.floats(0), 2 * size))
                        + Arrays.toString(Arrays.copyOf(batch.ints(1), size)));
            }
        }
        return batches;
    }

    @Test
    void batchesDoNotDependOnTheNumberOfWorkers() {
        List<String> one =
                batches(loader(new NumberedDataset(SIZE, 2)).workers(1).build(), 0);
        assertThat(one).hasSize(11).doesNotHaveDuplicates();
        for (int workers : new int[] {1, 2, 5, 40}) {
            for (int prefetch : new int[] {1, 3, 64}) {
                Slow slow = new Slow();
                DataLoader loader =
                        loader(slow).workers(workers).prefetch(prefetch).build();
                assertThat(batches(loader, 0)).as("%d workers", workers).isEqualTo(one);
                assertThat(batches(loader, 4)).isEqualTo(one.subList(4, 11));
                assertThat(slow.readers).hasSizeBetween(Math.min(2, workers), 2 * workers);
            }
        }
    }

    @Test
    void theNumberOfWorkersIsNoneOfTheDescription() {
        assertThat(loader(new NumberedDataset(SIZE, 2)).workers(7).build().description())
                .isEqualTo(
                        loader(new NumberedDataset(SIZE, 2)).workers(1).build().description());
    }

    /** Several samples fail, later ones sooner: what is told is the first in the epoch, after all batches before it. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5})
    void theFirstFailureOfAnEpochIsTold(int workers) {
        Dataset failing = new NumberedDataset(SIZE, 2) {
            @Override
            public void read(int index, Sample into) {
                if (index == 43 || index >= 47) {
                    pause(index == 43 ? 30 : 0);
                    throw new IllegalStateException("sample " + index + " is bad");
                }
                super.read(index, into);
            }
        };
        for (int repeat = 0; repeat < 5; repeat++) {
            DataLoader loader =
                    DataLoader.of(failing, 10).workers(workers).prefetch(4).build();
            try (BatchIterator batches = loader.epoch(0)) {
                for (int i = 0; i < 4; i++) {
                    assertThat(batches.next().index()).isEqualTo(i);
                }
                for (int i = 0; i < 2; i++) {
                    assertThatThrownBy(batches::next)
                            .isInstanceOf(DataException.class)
                            .hasMessageContaining("Batch 4 of epoch 0")
                            .hasRootCauseMessage("sample 43 is bad");
                }
            }
        }
    }

    /** A sample that hangs does not keep a failure before it from being told, and close() does not wait for it forever. */
    @Test
    void aSampleThatHangsHoldsUpNothingBeforeIt() throws InterruptedException {
        CountDownLatch hung = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        Set<Thread> threads = ConcurrentHashMap.newKeySet();
        Dataset hanging = new NumberedDataset(SIZE, 2) {
            @Override
            public void read(int index, Sample into) {
                threads.add(Thread.currentThread());
                if (index == 2) {
                    await(hung);
                    throw new IllegalStateException("sample 2 is bad");
                }
                if (index == 10) {
                    hung.countDown();
                    await(end);
                }
                super.read(index, into);
            }
        };
        BatchIterator batches =
                DataLoader.of(hanging, 10).workers(2).prefetch(2).build().epoch(0);
        assertThatThrownBy(batches::next).hasRootCauseMessage("sample 2 is bad");
        batches.close();
        end.countDown();
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(threads).hasSize(2);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5})
    void noThreadIsLeft(int workers) throws InterruptedException {
        for (int taken = 0; taken <= 12; taken++) {
            Slow slow = new Slow();
            BatchIterator batches = loader(slow).workers(workers).build().epoch(0);
            for (int i = 0; i < taken; i++) {
                batches.next();
            }
            if (taken <= 11) {
                batches.close();
            }
            for (Thread thread : slow.readers) {
                thread.join(10_000);
                assertThat(thread.isAlive()).isFalse();
            }
        }
    }

    @Test
    void workersThatCannotAllBeStartedAreEnded() throws InterruptedException {
        List<Thread> started = new ArrayList<>();
        AtomicInteger starts = new AtomicInteger();
        DataLoader loader = loader(new NumberedDataset(SIZE, 2))
                .workers(3)
                .starter(thread -> {
                    if (starts.incrementAndGet() == 3) {
                        throw new OutOfMemoryError("unable to create native thread");
                    }
                    started.add(thread);
                    thread.start();
                })
                .build();
        assertThatThrownBy(() -> loader.epoch(0)).isInstanceOf(OutOfMemoryError.class);
        assertThat(started).hasSize(2).allMatch(thread -> !thread.isAlive());
        assertThat(batches(loader, 0)).hasSize(11);
    }

    /** The samples held at a time are bounded by what is prefetched, whatever the number of workers. */
    @Test
    void nothingIsReadFurtherAheadThanAsked() throws InterruptedException {
        AtomicInteger reads = new AtomicInteger();
        Dataset counted = new NumberedDataset(1000, 2) {
            @Override
            public void read(int index, Sample into) {
                super.read(index, into);
                reads.incrementAndGet();
            }
        };
        try (BatchIterator batches =
                DataLoader.of(counted, 10).workers(5).prefetch(3).build().epoch(0)) {
            batches.next();
            while (reads.get() < 40) {
                Thread.onSpinWait();
            }
            Thread.sleep(30);
            assertThat(reads).hasValue(40);
        }
    }

    /** Neither the workers nor the consumer allocate memory with each batch. */
    @Test
    void batchesAreMadeWithoutGarbage() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        AtomicLongArray allocated = new AtomicLongArray(2);
        int size = 40_000;
        Dataset counted = new NumberedDataset(size, 2) {
            @Override
            public void read(int index, Sample into) {
                if (index == size / 2 || index == size - 1) {
                    allocated.set(index == size - 1 ? 1 : 0, threads.getCurrentThreadAllocatedBytes());
                }
                super.read(index, into);
            }
        };
        DataLoader loader = DataLoader.of(counted, 10)
                .transform((sample, random) -> sample.floats(0)[sample.at(0)] += random.uniform())
                .workers(1)
                .build();
        long before = 0;
        long after = 0;
        try (BatchIterator batches = loader.epoch(0)) {
            for (Batch batch = batches.next(); batch != null; batch = batches.next()) {
                if (batch.index() == 2000) {
                    before = threads.getCurrentThreadAllocatedBytes();
                }
                after = threads.getCurrentThreadAllocatedBytes();
            }
        }
        // 2,000 batches; what the measurement itself takes is some hundred bytes.
        assertThat(allocated.get(1) - allocated.get(0)).isBetween(0L, 20_000L);
        assertThat(after - before).isBetween(0L, 20_000L);
    }

    /** As code does that was told to by an InterruptedException, and that the loader's threads were not. */
    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void aReaderThatInterruptsItsThreadEndsNothing(int workers) {
        Dataset interrupting = new NumberedDataset(SIZE, 2) {
            @Override
            public void read(int index, Sample into) {
                super.read(index, into);
                Thread.currentThread().interrupt();
            }
        };
        assertThat(batches(loader(interrupting).workers(workers).build(), 0))
                .isEqualTo(batches(loader(new NumberedDataset(SIZE, 2)).build(), 0));
    }

    @Test
    void refusesNumbersOfWorkersThatMakeNoSense() {
        for (int workers : new int[] {-1, 0, 257}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> loader(new NumberedDataset(SIZE, 2)).workers(workers))
                    .withMessageContaining("1 to 256 workers, got " + workers);
        }
    }
}
