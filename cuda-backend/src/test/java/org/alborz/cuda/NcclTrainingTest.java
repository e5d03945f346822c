package org.alborz.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.alborz.backend.BackendOptions;
import org.alborz.data.DataLoader;
import org.alborz.data.GeneratedImages;
import org.alborz.distributed.Collective;
import org.alborz.distributed.CollectiveException;
import org.alborz.distributed.Reduction;
import org.alborz.models.Models;
import org.alborz.nn.Activations;
import org.alborz.nn.BatchNorm;
import org.alborz.nn.Conv2d;
import org.alborz.nn.Flatten;
import org.alborz.nn.Layer;
import org.alborz.nn.Linear;
import org.alborz.nn.Model;
import org.alborz.nn.Sequential;
import org.alborz.optim.Sgd;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.train.Callback;
import org.alborz.train.Trainer;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Ranks that exchange gradients on their devices train as one process does. */
@Tag("emulation")
@Timeout(300)
class NcclTrainingTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final int BATCH = 2;

    /** What a rank came to. */
    record Run(List<Double> losses, float[] weights, List<float[]> states) {
        void requireSame(Run other) {
            assertThat(losses).isEqualTo(other.losses);
            assertThat(weights).isEqualTo(other.weights);
            assertThat(states).usingRecursiveComparison().isEqualTo(other.states);
        }
    }

    /** How a rank trains. */
    record Setting(
            Supplier<Layer> net, int batches, int accumulation, boolean capture, long bucketBytes, Callback callback) {
        Setting(Supplier<Layer> net, int batches) {
            this(net, batches, 1, false, 4 << 20, new Callback() {});
        }

        Setting accumulating(int ranks) {
            return new Setting(net, batches, ranks, capture, bucketBytes, callback);
        }

        Setting captured() {
            return new Setting(net, batches, accumulation, true, bucketBytes, callback);
        }

        Setting inBuckets(long bytes) {
            return new Setting(net, batches, accumulation, capture, bytes, callback);
        }

        Setting calling(Callback other) {
            return new Setting(net, batches, accumulation, capture, bucketBytes, other);
        }
    }

    @BeforeEach
    @AfterEach
    void reset() {
        SoftwareGpu.device();
    }

    static Run train(Session session, Collective collective, Setting setting) {
        List<Double> losses = new ArrayList<>();
        try (Model model = Model.create(session, setting.net().get(), 1)) {
            Trainer.Builder builder = Trainer.classifier(model, new Sgd(0.05).momentum(0.9))
                    .gradientAccumulation(setting.accumulation())
                    .graphCapture(setting.capture())
                    .bucketBytes(setting.bucketBytes())
                    .clipNorm(1)
                    .callback(setting.callback())
                    .callback(new Callback() {
                        @Override
                        public void onStepEnd(Trainer running) {
                            losses.add(running.metrics().loss());
                        }
                    });
            if (collective != null) {
                builder.collective(collective);
            }
            Trainer trainer = builder.build();
            trainer.fit(
                    DataLoader.of(GeneratedImages.train(3, BATCH * setting.batches()), BATCH)
                            .workers(1)
                            .build(),
                    1);
            boolean overHost = collective != null && !session.backend().name().equals("cuda");
            assertThat(Double.isNaN(trainer.communicationOverlap())).isNotEqualTo(overHost);
            List<float[]> states = model.parameters().values().stream()
                    .filter(parameter -> !parameter.isTrainable())
                    .map(parameter -> parameter.value().toFloats())
                    .toList();
            return new Run(losses, model.values().toFloats(), states);
        }
    }

    static Run alone(Setting setting) {
        try (Session session = Session.of(new CudaBackend(BackendOptions.defaults()), DType.FLOAT32)) {
            return train(session, null, setting);
        }
    }

    static List<Run> together(int ranks, Setting setting) throws Exception {
        return runs(NcclCollectiveTest.outcomes(ranks, TIMEOUT, (rank, session) -> train(session, rank, setting)));
    }

    /** Returns what the ranks came to, or throws what they failed by. */
    static List<Run> runs(List<Object> outcomes) {
        AssertionError failures = new AssertionError("a rank failed");
        outcomes.stream()
                .filter(Throwable.class::isInstance)
                .map(Throwable.class::cast)
                .forEach(failures::addSuppressed);
        if (failures.getSuppressed().length > 0) {
            throw failures;
        }
        return outcomes.stream().map(Run.class::cast).toList();
    }

    private static Layer linear() {
        return new Sequential(new Flatten(), new Linear(3 * 32 * 32, 10));
    }

    static Setting setting(String net, int batches) {
        return new Setting(() -> Models.byName(net, 10), batches);
    }

    /** Five batches: the last step is of one, and the second rank adds nothing to it. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void twoRanksAreOneProcessThatAccumulates(boolean capture) throws Exception {
        Setting plain = setting("mlp", 5);
        Setting setting = capture ? plain.captured() : plain;
        Run alone = alone(setting.accumulating(2));
        assertThat(alone.losses()).hasSize(3).doesNotHaveDuplicates();
        together(2, setting).forEach(run -> run.requireSame(alone));
    }

    @Tag("sweep")
    @ParameterizedTest
    @CsvSource({"mlp, 6, 3", "cifar-cnn, 4, 2", "cifar-cnn, 3, 3"})
    void ranksAreOneProcessThatAccumulates(String net, int batches, int ranks) throws Exception {
        Setting setting = setting(net, batches);
        Run alone = alone(setting.accumulating(ranks));
        List<Run> runs = together(ranks, setting);
        if (ranks == 2) {
            runs.forEach(run -> run.requireSame(alone));
            return;
        }
        Run first = runs.get(0);
        runs.forEach(run -> run.requireSame(first));
        for (int i = 0; i < alone.weights().length; i++) {
            // Gradients are clipped to a norm of 1 and the rate is 0.05: sums in another order differ by a few units of
            // their 24 bits.
            assertThat((double) first.weights()[i]).isCloseTo(alone.weights()[i], within(1e-6));
        }
    }

    /** Batch norm normalises by its rank's batch, and its running statistics are rank 0's in all ranks. */
    @Test
    void statesAreThoseOfRankZero() throws Exception {
        Setting setting = new Setting(
                () -> new Sequential(
                        new Conv2d(3, 4, 3),
                        new BatchNorm(4),
                        Activations.relu(),
                        new Flatten(),
                        new Linear(4 * 30 * 30, 10)),
                4);
        List<Run> runs = together(2, setting);
        runs.get(1).requireSame(runs.get(0));
        assertThat(runs.get(0).states()).isNotEmpty();
        Run alone = alone(setting.accumulating(2));
        assertThat(runs.get(0).weights()).isEqualTo(alone.weights());
        assertThat(runs.get(0).states())
                .as("statistics of rank 0's batches only")
                .usingRecursiveComparison()
                .isNotEqualTo(alone.states());
    }

    @Test
    void aRankThatFailsInAStepEndsTheTrainingOfAll() throws Exception {
        List<Object> outcomes = NcclCollectiveTest.outcomes(2, TIMEOUT, (rank, session) -> {
            Callback failing = new Callback() {
                @Override
                public void onBatchBegin(Trainer trainer) {
                    if (rank.rank() == 1 && trainer.step() == 1) {
                        throw new IllegalStateException("no more memory in rank 1");
                    }
                }
            };
            return train(session, rank, new Setting(NcclTrainingTest::linear, 6).calling(failing));
        });
        assertThat((Throwable) outcomes.get(1)).hasMessageContaining("no more memory in rank 1");
        assertThat((Throwable) outcomes.get(0))
                .isInstanceOf(CollectiveException.class)
                .hasMessageContainingAll("Rank 1", "no more memory in rank 1");
    }

    /** A session whose memory NCCL does not reach trains all the same, and says so in the log. */
    @Test
    void aSessionOfAnotherBackendGoesOverTheHost() throws Exception {
        Setting setting = new Setting(NcclTrainingTest::linear, 4);
        List<Object> runs = NcclCollectiveTest.outcomes(2, TIMEOUT, (rank, session) -> {
            try (Session host = Session.open("cpu-scalar")) {
                return train(host, rank, setting);
            }
        });
        ((Run) runs.get(0)).requireSame((Run) runs.get(1));
    }

    /** A large exchange makes no garbage of its size. */
    @Test
    void anExchangeAllocatesLittleOnTheHeap() throws Exception {
        int count = 250_000;
        int calls = 20;
        List<Object> allocated = NcclCollectiveTest.outcomes(2, TIMEOUT, (rank, session) -> {
            ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            List<Tensor> values = List.of(session.zeros(Shape.of(count)));
            long before = 0;
            for (int i = 0; i < 2 * calls; i++) {
                if (i == calls) {
                    before = threads.getCurrentThreadAllocatedBytes();
                }
                session.changeInPlace(values, backend -> rank.allReduce(Reduction.SUM, backend, values));
            }
            return threads.getCurrentThreadAllocatedBytes() - before;
        });
        assertThat(allocated).allSatisfy(bytes -> assertThat((Long) bytes).isLessThan(calls * 8L << 10));
    }
}
