package org.alborz.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.alborz.type.DType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/**
 * The batches of a loader: which there are, in what order, and what happens where a sample cannot be read or the loop ends early.
 *
 * <p>The file is long because all of it compares copies of batches with the samples of the same numbered data, for every way to read them.
 */
@Timeout(300)
class DataLoaderTest {
    private final Dataset data = new NumberedDataset(23, 2);

    /** A batch copied out of the loader's arrays. */
    private record Copy(int epoch, int index, List<Integer> samples, List<Integer> labels, List<Float> inputs) {}

    @Test
    void anEpochIsALoop() {
        DataLoader loader = DataLoader.of(new NumberedDataset(10), 4).build();
        List<Integer> sizes = new ArrayList<>();
        try (BatchIterator batches = loader.epoch(0, 1)) {
            for (Batch batch : batches) {
                sizes.add(batch.size());
            }
            assertThat(batches.iterator().hasNext()).isFalse();
            assertThatThrownBy(() -> batches.iterator().next()).isInstanceOf(NoSuchElementException.class);
        }
        assertThat(sizes).containsExactly(4, 2);
    }

    @Test
    void closedBatchesSayHowToContinue() {
        DataLoader loader = DataLoader.of(data, 2).build();
        BatchIterator all = loader.epoch(3, 4);
        all.next();
        all.close();
        assertThatThrownBy(all::next)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("The batches of epoch 3 were closed; continue with DataLoader.epoch(3, 5)");
        BatchIterator everyThird = loader.epoch(3, 1, 3);
        everyThird.next();
        everyThird.close();
        assertThatThrownBy(everyThird::next)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("The batches of epoch 3 were closed; continue with DataLoader.epoch(3, 4, 3)");
    }

    /** As ranks do that share the batches of a loader; the ring has fewer places than there are batches. */
    @Test
    void everyNthBatchIsThatOfTheWholeEpoch() {
        DataLoader loader = DataLoader.of(data, 2)
                .shuffle(true)
                .seed(4)
                .prefetch(1)
                .workers(3)
                .transform(noise())
                .build();
        List<Copy> all = run(loader, 2, 0);
        assertThat(all).hasSize(12);
        for (int ranks = 1; ranks <= 4; ranks++) {
            for (int first = 0; first < 12; first++) {
                List<Copy> expected = new ArrayList<>();
                for (int i = first; i < all.size(); i += ranks) {
                    expected.add(all.get(i));
                }
                try (BatchIterator batches = loader.epoch(2, first, ranks)) {
                    assertThat(batches.nextBatch()).isEqualTo(first);
                    assertThat(copies(batches)).isEqualTo(expected);
                    assertThat(batches.nextBatch()).isEqualTo(12);
                }
            }
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> loader.epoch(0, 0, 0))
                .withMessageContaining("got 0");
    }

    @Test
    void givesEverySampleOnceInOrder() {
        DataLoader loader = DataLoader.of(data, 5).build();
        List<Copy> batches = run(loader, 3, 0);
        assertThat(loader.batchesPerEpoch()).isEqualTo(5);
        assertThat(batches).hasSize(5);
        assertThat(batches.get(1).samples()).containsExactly(5, 6, 7, 8, 9);
        assertThat(batches.get(1).labels()).containsExactly(2, 0, 1, 2, 0);
        assertThat(batches.get(1).inputs()).containsExactly(5f, 5f, 6f, 6f, 7f, 7f, 8f, 8f, 9f, 9f);
        assertThat(batches.get(4).samples()).containsExactly(20, 21, 22);
        assertThat(batches.get(4).index()).isEqualTo(4);
        assertThat(batches.get(4).epoch()).isEqualTo(3);
    }

    @Test
    void dropLastLeavesOutTheSmallerBatch() {
        DataLoader loader = DataLoader.of(data, 5).dropLast(true).build();
        assertThat(loader.batchesPerEpoch()).isEqualTo(4);
        assertThat(run(loader, 0, 0))
                .hasSize(4)
                .allSatisfy(batch -> assertThat(batch.samples()).hasSize(5));
        assertThat(DataLoader.of(new NumberedDataset(20, 2), 5)
                        .dropLast(true)
                        .build()
                        .batchesPerEpoch())
                .isEqualTo(4);
    }

    @Test
    void aDatasetSmallerThanABatchIsOneBatch() {
        List<Copy> batches = run(DataLoader.of(new NumberedDataset(3, 2), 100).build(), 0, 0);
        assertThat(batches).hasSize(1);
        assertThat(batches.get(0).samples()).containsExactly(0, 1, 2);
    }

    @Test
    void theOrderIsAFunctionOfSeedAndEpoch() {
        DataLoader loader = DataLoader.of(data, 5).shuffle(true).seed(7).build();
        List<Integer> order = samples(run(loader, 2, 0));
        assertThat(order)
                .hasSize(23)
                .doesNotHaveDuplicates()
                .isNotEqualTo(samples(run(DataLoader.of(data, 5).build(), 2, 0)));
        run(loader, 0, 0);
        assertThat(samples(run(loader, 2, 0))).isEqualTo(order);
        assertThat(samples(run(DataLoader.of(data, 7).shuffle(true).seed(7).build(), 2, 0)))
                .isEqualTo(order);
        assertThat(samples(run(loader, 3, 0))).isNotEqualTo(order);
        assertThat(samples(run(DataLoader.of(data, 5).shuffle(true).seed(8).build(), 2, 0)))
                .isNotEqualTo(order);
    }

    @Test
    void resumingGivesExactlyTheRemainingBatches() {
        List<Copy> whole = run(augmented(), 4, 0);
        for (int first = 0; first <= 5; first++) {
            assertThat(run(augmented(), 4, first)).isEqualTo(whole.subList(first, 5));
        }
        try (BatchIterator batches = augmented().epoch(4)) {
            batches.next();
            batches.next();
            assertThat(batches.epoch()).isEqualTo(4);
            assertThat(run(augmented(), batches.epoch(), batches.nextBatch())).isEqualTo(whole.subList(2, 5));
        }
    }

    @Test
    void augmentationIsASamplesOwn() {
        // The same sample of the same epoch gets the same noise, whatever batch it is in; another epoch gives other
        // noise.
        List<Copy> fives = run(augmented(), 0, 0);
        DataLoader inOrder = DataLoader.of(data, 23).seed(7).transform(noise()).build();
        Copy all = run(inOrder, 0, 0).get(0);
        for (Copy batch : fives) {
            for (int i = 0; i < batch.samples().size(); i++) {
                int sample = batch.samples().get(i);
                assertThat(batch.inputs().get(2 * i)).isEqualTo(all.inputs().get(2 * sample));
            }
        }
        assertThat(all.inputs()).doesNotHaveDuplicates();
        assertThat(run(inOrder, 1, 0).get(0).inputs()).isNotEqualTo(all.inputs());
    }

    @Test
    void arraysAreReusedWithinAndAcrossEpochs() {
        DataLoader loader = DataLoader.of(data, 1).prefetch(3).build();
        Set<float[]> arrays = Collections.newSetFromMap(new IdentityHashMap<>());
        for (int epoch = 0; epoch < 4; epoch++) {
            try (BatchIterator batches = loader.epoch(epoch)) {
                for (Batch batch = batches.next(); batch != null; batch = batches.next()) {
                    arrays.add(batch.floats(0));
                }
            }
        }
        assertThat(arrays).hasSize(4);
    }

    @Test
    void twoEpochsAtATimeDoNotShareArrays() {
        DataLoader loader = DataLoader.of(data, 5).build();
        try (BatchIterator a = loader.epoch(0);
                BatchIterator b = loader.epoch(1)) {
            Batch first = a.next();
            Batch second = b.next();
            assertThat(first.floats(0)).isNotSameAs(second.floats(0));
            assertThat(first.epoch()).isZero();
            assertThat(second.epoch()).isEqualTo(1);
        }
    }

    @Test
    void aBatchStaysUntouchedUntilTheNextIsAskedFor() throws InterruptedException {
        AtomicInteger reads = new AtomicInteger();
        Dataset counted = new NumberedDataset(100, 2) {
            @Override
            public void read(int index, Sample into) {
                super.read(index, into);
                reads.incrementAndGet();
            }
        };
        try (BatchIterator batches =
                DataLoader.of(counted, 10).prefetch(2).build().epoch(0)) {
            Batch batch = batches.next();
            while (reads.get() < 30) {
                Thread.onSpinWait();
            }
            // The filler has prepared two more and now waits: it must neither read on nor write into the batch in use.
            Thread.sleep(50);
            assertThat(reads).hasValue(30);
            assertThat(batch.samples()).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
            assertThat(batch.floats(0)[0]).isZero();
        }
    }

    @Test
    void whatGoesWrongSurfacesAfterTheGoodBatches() {
        Dataset broken = new NumberedDataset(23, 2) {
            @Override
            public void read(int index, Sample into) {
                if (index == 12) {
                    throw new IllegalStateException("sample 12 is bad");
                }
                super.read(index, into);
            }
        };
        try (BatchIterator batches = DataLoader.of(broken, 5).build().epoch(1)) {
            assertThat(batches.next().index()).isZero();
            assertThat(batches.next().index()).isEqualTo(1);
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(batches::next)
                        .isInstanceOf(DataException.class)
                        .hasMessageContaining("Batch 2 of epoch 1")
                        .hasMessageContaining("numbered samples")
                        .hasRootCauseMessage("sample 12 is bad");
            }
        }
    }

    @Test
    void errorsOfTheBackgroundThreadSurfaceAsTheyAre() {
        OutOfMemoryError error = new OutOfMemoryError("for the test");
        Transform broken = (sample, random) -> {
            throw error;
        };
        try (BatchIterator batches =
                DataLoader.of(data, 5).transform(broken).build().epoch(0)) {
            assertThatThrownBy(batches::next).isSameAs(error);
        }
    }

    @Test
    void aLabelOutsideTheClassesIsNamed() {
        Dataset mislabelled = new NumberedDataset(23, 2) {
            @Override
            public void read(int index, Sample into) {
                super.read(index, into);
                into.set(1, index == 4 ? 3 : 0);
            }
        };
        try (BatchIterator batches = DataLoader.of(mislabelled, 5).build().epoch(0)) {
            assertThatThrownBy(batches::next)
                    .hasMessageContaining("Sample 4")
                    .hasMessageContaining("from 0 to 2, and has 3");
        }
    }

    @Test
    void closeEndsTheThreadInTheMiddleOfAnEpoch() {
        AtomicInteger reads = new AtomicInteger();
        Thread[] filler = new Thread[1];
        CountDownLatch started = new CountDownLatch(1);
        Dataset endless = new NumberedDataset(1_000_000, 2) {
            @Override
            public void read(int index, Sample into) {
                filler[0] = Thread.currentThread();
                reads.incrementAndGet();
                started.countDown();
                super.read(index, into);
            }
        };
        BatchIterator batches = DataLoader.of(endless, 1000).workers(1).build().epoch(0);
        batches.next();
        assertThat(filler[0].isDaemon()).isTrue();
        batches.close();
        assertThat(filler[0].isAlive()).isFalse();
        assertThat(reads.get()).isLessThanOrEqualTo(4000);
        batches.close();
        assertThatThrownBy(batches::next)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("epoch(0, 1)");
    }

    /** Twenty loops that broke off and forgot to close: the collector finds the iterators, their threads end, and the log says where. */
    @Test
    @Timeout(300)
    void threadsOfDroppedIteratorsEnd() throws InterruptedException {
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        Logger logger = (Logger) LoggerFactory.getLogger(BatchIterator.class);
        logger.addAppender(log);
        logger.setAdditive(false);
        Set<Thread> fillers = ConcurrentHashMap.newKeySet();
        Dataset large = new NumberedDataset(10_000, 2) {
            @Override
            public void read(int index, Sample into) {
                fillers.add(Thread.currentThread());
                super.read(index, into);
            }
        };
        DataLoader loader = DataLoader.of(large, 10).workers(2).build();
        for (int i = 0; i < 20; i++) {
            dropAfterOneBatch(loader);
        }
        assertThat(fillers).hasSizeGreaterThanOrEqualTo(20);
        while (fillers.stream().anyMatch(Thread::isAlive) || ofEpochSeven(log).size() < 20) {
            System.gc();
            Thread.sleep(10);
        }
        logger.setAdditive(true);
        logger.detachAppender(log);
        assertThat(ofEpochSeven(log)).hasSize(20).allSatisfy(event -> {
            assertThat(event.getLevel()).isEqualTo(Level.WARN);
            assertThat(event.getFormattedMessage()).contains("was dropped without close()");
        });
    }

    private static List<ILoggingEvent> ofEpochSeven(ListAppender<ILoggingEvent> log) {
        return List.copyOf(log.list).stream()
                .filter(event -> event.getFormattedMessage().startsWith("A BatchIterator of epoch 7"))
                .toList();
    }

    private static void dropAfterOneBatch(DataLoader loader) {
        loader.epoch(7).next();
    }

    @Test
    @Timeout(300)
    void anIteratorThatIsInUseIsNotDropped() throws InterruptedException {
        DataLoader loader = DataLoader.of(data, 1).build();
        BatchIterator batches = loader.epoch(0);
        for (int i = 0; i < 23; i++) {
            assertThat(batches.next().index()).isEqualTo(i);
            System.gc();
        }
        assertThat(batches.next()).isNull();
    }

    @Test
    void aThreadThatCannotBeStartedLeavesTheLoaderAsItWas() {
        AtomicInteger starts = new AtomicInteger();
        DataLoader loader = DataLoader.of(data, 5)
                .starter(thread -> {
                    if (starts.incrementAndGet() == 1) {
                        throw new OutOfMemoryError("unable to create native thread");
                    }
                    thread.start();
                })
                .build();
        assertThatThrownBy(() -> loader.epoch(0)).isInstanceOf(OutOfMemoryError.class);
        assertThat(run(loader, 0, 0)).hasSize(5);
    }

    @Test
    void aSampleOfAnotherLengthIsNamed() {
        Dataset longer = new NumberedDataset(23, 2) {
            @Override
            public void read(int index, Sample into) {
                Arrays.fill(into.floats(0), into.at(0), into.at(0) + (index == 22 ? 3 : 2), index);
                into.set(1, 0);
            }
        };
        try (BatchIterator batches = DataLoader.of(longer, 23).build().epoch(0)) {
            assertThatThrownBy(batches::next)
                    .isInstanceOf(DataException.class)
                    .hasMessageContaining("Sample 22")
                    .hasMessageContaining("input float32 [2]");
        }
        // Not the values of an earlier batch in its place.
        Dataset shorter = new NumberedDataset(23, 2) {
            @Override
            public void read(int index, Sample into) {
                Arrays.fill(into.floats(0), into.at(0), into.at(0) + (index == 20 ? 1 : 2), index);
                into.set(1, 0);
            }
        };
        List<Float> inputs =
                run(DataLoader.of(shorter, 1).build(), 0, 0).get(20).inputs();
        assertThat(inputs).containsExactly(20f, Float.NaN);
    }

    @Test
    void whatAReadThrowsNamesTheSample() {
        Dataset broken = new NumberedDataset(23, 2) {
            @Override
            public void read(int index, Sample into) {
                throw index == 0 ? new DataException("disk") : new IllegalStateException("no");
            }
        };
        try (BatchIterator batches = DataLoader.of(broken, 1).build().epoch(0)) {
            assertThatThrownBy(batches::next).isInstanceOf(DataException.class).hasMessageContaining("disk");
        }
        try (BatchIterator batches = DataLoader.of(broken, 1).build().epoch(0, 7)) {
            assertThatThrownBy(batches::next)
                    .isInstanceOf(DataException.class)
                    .hasMessageContaining("Sample 7 could not be read")
                    .hasRootCauseMessage("no");
        }
    }

    @Test
    void refusesFieldsThatContradictThemselves() {
        for (List<Field> fields :
                List.of(List.<Field>of(), List.of(Field.of("a", DType.INT32), Field.of("a", DType.FLOAT32)))) {
            Dataset contradicting = new NumberedDataset(23, 2) {
                @Override
                public List<Field> fields() {
                    return fields;
                }
            };
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> DataLoader.of(contradicting, 5))
                    .withMessageContaining(fields.isEmpty() ? "at least 1 field" : "'a' twice");
        }
        assertThatThrownBy(() -> DataLoader.of(new NumberedDataset(23, 0, 5), 5))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1 to");
    }

    @Test
    void aFieldThatIsNotReadIsNamed() {
        Dataset forgetful = new NumberedDataset(23, 2) {
            @Override
            public void read(int index, Sample into) {
                if (index == 7) {
                    into.put(0, new float[2], 0);
                } else {
                    super.read(index, into);
                }
            }
        };
        try (BatchIterator batches = DataLoader.of(forgetful, 5).build().epoch(0)) {
            batches.next();
            assertThatThrownBy(batches::next)
                    .isInstanceOf(DataException.class)
                    .hasMessageContainingAll("Sample 7", "without its field 'label'");
        }
    }

    @Test
    void refusesBatchesThatDoNotFitIntoMemory() {
        Dataset large = new NumberedDataset(100, 1 << 20, 16);
        assertThatThrownBy(() -> DataLoader.of(large, 100).prefetch(64).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("prefetch")
                .hasMessageContaining("MB");
    }

    @Test
    void holdsNoMoreBatchesThanAnEpochHas() {
        DataLoader loader = DataLoader.of(data, Integer.MAX_VALUE).prefetch(64).build();
        assertThat(loader.takeRing().size()).isEqualTo(1);
        assertThat(run(loader, 0, 0)).hasSize(1);
        assertThat(run(DataLoader.of(data, 12).prefetch(64).build(), 0, 0)).hasSize(2);
    }

    @Test
    void refusesWhatMakesNoSense() {
        assertThatThrownBy(() -> DataLoader.of(data, 5).transform(null)).hasMessageContaining("transform");
        assertThatThrownBy(() -> DataLoader.of(data, 0)).hasMessageContaining("at least 1, got 0");
        assertThatThrownBy(() -> DataLoader.of(data, 5).prefetch(0)).hasMessageContaining("got 0");
        assertThatThrownBy(() -> DataLoader.of(new NumberedDataset(0, 2), 5)).hasMessageContaining("at least 1 sample");
        assertThatThrownBy(() -> DataLoader.of(data, 24).dropLast(true).build()).hasMessageContaining("at most 23");
        DataLoader loader = DataLoader.of(data, 5).build();
        assertThatThrownBy(() -> loader.epoch(-1)).hasMessageContaining("got -1");
        assertThatThrownBy(() -> loader.epoch(0, 6))
                .hasMessageContaining("from 0 to 5")
                .hasMessageContaining("got 6");
    }

    private DataLoader augmented() {
        return DataLoader.of(data, 5).shuffle(true).seed(7).transform(noise()).build();
    }

    private static Transform noise() {
        return (sample, random) -> {
            float[] values = sample.floats(0);
            int at = sample.at(0);
            values[at] += random.uniform();
            values[at + 1] += random.normal();
        };
    }

    private static List<Integer> samples(List<Copy> batches) {
        return batches.stream().flatMap(batch -> batch.samples().stream()).toList();
    }

    private static List<Copy> run(DataLoader loader, int epoch, int firstBatch) {
        try (BatchIterator batches = loader.epoch(epoch, firstBatch)) {
            return copies(batches);
        }
    }

    private static List<Copy> copies(BatchIterator batches) {
        List<Copy> copies = new ArrayList<>();
        for (Batch batch = batches.next(); batch != null; batch = batches.next()) {
            List<Float> inputs = new ArrayList<>();
            for (int i = 0; i < 2 * batch.size(); i++) {
                inputs.add(batch.floats(0)[i]);
            }
            copies.add(new Copy(
                    batch.epoch(),
                    batch.index(),
                    Arrays.stream(batch.samples(), 0, batch.size()).boxed().toList(),
                    Arrays.stream(batch.ints(1), 0, batch.size()).boxed().toList(),
                    inputs));
        }
        return copies;
    }
}
