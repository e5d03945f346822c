package org.alborz.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.alborz.backend.BinaryOp;
import org.alborz.backend.CapturedGraph;
import org.alborz.backend.UnaryOp;
import org.alborz.cuda.NcclTrainingTest.Run;
import org.alborz.cuda.NcclTrainingTest.Setting;
import org.alborz.cuda.driver.StreamWork;
import org.alborz.cuda.driver.WorkKind;
import org.alborz.distributed.CollectiveException;
import org.alborz.distributed.Reduction;
import org.alborz.nn.Flatten;
import org.alborz.nn.Linear;
import org.alborz.nn.Sequential;
import org.alborz.softwarecuda.SoftwareDevice;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.train.Callback;
import org.alborz.train.Trainer;
import org.alborz.type.Activation;
import org.alborz.type.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Exchanges between devices that run beside the session's work, also in captured steps. */
@Tag("emulation")
@Timeout(300)
class NcclOverlapTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final int NOT_SUPPORTED = 801;

    private SoftwareDevice gpu;

    @BeforeEach
    void open() {
        gpu = SoftwareGpu.device();
    }

    @AfterEach
    void reset() {
        gpu.reset();
    }

    private static void sum(NcclCollective rank, Session session, Tensor... tensors) {
        List<Tensor> values = List.of(tensors);
        session.changeInPlace(values, backend -> rank.allReduce(Reduction.SUM, backend, values));
    }

    private static void begin(NcclCollective rank, Session session, Tensor... tensors) {
        List<Tensor> values = List.of(tensors);
        session.changeInPlace(values, backend -> rank.beginAllReduce(Reduction.SUM, backend, values));
    }

    /** Rank 1 comes to the exchange only when rank 0 has the result of later work. */
    @Test
    void workThatIsAskedForLaterDoesNotWaitForAnExchange() throws Exception {
        CountDownLatch computed = new CountDownLatch(1);
        List<Object> sums = NcclCollectiveTest.outcomes(2, TIMEOUT, (rank, session) -> {
            Tensor x = session.full(rank.rank() + 1, Shape.of(4));
            sum(rank, session, session.full(1, Shape.of(1))); // connects, for which all ranks meet
            rank.agree("a sum");
            if (rank.rank() == 1) {
                assertThat(computed.await(20, TimeUnit.SECONDS)).isTrue();
            }
            begin(rank, session, x);
            if (rank.rank() == 0) {
                assertThat(session.full(5, Shape.of(3)).mul(2).toFloats()).containsOnly(10);
                computed.countDown();
            }
            rank.join(session.backend(), "a sum");
            return x.mul(10).toFloats()[0];
        });
        assertThat(sums).containsExactly(30f, 30f);
    }

    /** Captures {@code x = sum(x); y = y + 1; y = y + x}, whose first two do not wait for each other. */
    private static CapturedGraph capture(NcclCollective rank, Session session, Tensor x, Tensor y) {
        return session.backend().graphCapture().orElseThrow().capture(() -> {
            begin(rank, session, x);
            y.update(UnaryOp.ADD, 1);
            rank.join(session.backend(), "captured");
            y.update(BinaryOp.ADD, x);
        });
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aGraphRepeatsTheExchangesItHolds(boolean deferred) throws Exception {
        gpu.deferred(deferred);
        List<Object> results = NcclCollectiveTest.outcomes(2, TIMEOUT, (rank, session) -> {
            Tensor x = session.full(rank.rank() + 1, Shape.of(1));
            Tensor y = session.full(0, Shape.of(1));
            sum(rank, session, y); // connects, and y keeps its value
            y.update(UnaryOp.ADD, 1);
            y.update(BinaryOp.ADD, x);
            y.fill(0);
            CapturedGraph graph = capture(rank, session, x, y);
            for (int i = 0; i < 3; i++) {
                rank.agree("captured");
                graph.replay(0);
                rank.join(session.backend(), "captured");
            }
            rank.barrier();
            return x.toFloats()[0] + " " + y.toFloats()[0];
        });
        // x: 3, 6, 12; y: 1 + 3, 1 + 6, 1 + 12
        assertThat(results).containsExactly("12.0 24.0", "12.0 24.0");
    }

    @Test
    void theFirstExchangeIsNotCaptured() throws Exception {
        List<Object> results = NcclCollectiveTest.outcomes(1, TIMEOUT, (rank, session) -> {
            Tensor x = session.full(1, Shape.of(1));
            assertThatIllegalStateException()
                    .isThrownBy(() -> capture(rank, session, x, x))
                    .withMessageContaining("make one before the capture");
            return "done";
        });
        assertThat(results).containsExactly("done");
    }

    /** NCCL waits for graphs that hold its exchanges before it ends. */
    @Test
    void aGroupThatIsClosedClosesItsGraphs() throws Exception {
        List<Object> results = NcclCollectiveTest.outcomes(2, TIMEOUT, (rank, session) -> {
            Tensor x = session.full(1, Shape.of(1));
            sum(rank, session, x);
            x.update(UnaryOp.ADD, 1);
            x.update(BinaryOp.ADD, x);
            CapturedGraph graph = capture(rank, session, x, x);
            rank.agree("captured");
            graph.replay(0);
            rank.join(session.backend(), "captured");
            rank.close();
            assertThatIllegalStateException()
                    .isThrownBy(() -> graph.replay(0))
                    .withMessageContainingAll("closed", "group of ranks");
            graph.close();
            return "done";
        });
        assertThat(results).containsExactly("done", "done");
    }

    /** Rank 1 agrees to a replay and does not come to it. */
    @Test
    void aRankThatIsLostInAReplayEndsTheGroupAfterTheTimeOut() throws Exception {
        List<Object> results = NcclCollectiveTest.outcomes(2, Duration.ofMillis(500), (rank, session) -> {
            Tensor x = session.full(1, Shape.of(1));
            sum(rank, session, x);
            x.update(UnaryOp.ADD, 1);
            x.update(BinaryOp.ADD, x);
            CapturedGraph graph = capture(rank, session, x, x);
            rank.agree("captured");
            if (rank.rank() == 0) {
                graph.replay(0);
                rank.join(session.backend(), "captured");
            }
            return rank.allGather(new byte[0]);
        });
        assertThat((Throwable) results.get(0))
                .isInstanceOf(CollectiveException.class)
                .hasMessageContainingAll("Rank 0", "waited 0.5 s", "captured");
        assertThat((Throwable) results.get(1))
                .isInstanceOf(CollectiveException.class)
                .hasMessageContaining("Rank 0");
    }

    /** NCCL expects a call captured by all ranks or by none, so a trainer's ranks agree on it; these do not. */
    @Test
    void ranksOfWhichOneReplaysWhatAnotherDoesEagerlyEndAfterTheTimeOut() throws Exception {
        List<Object> results = NcclCollectiveTest.outcomes(2, Duration.ofMillis(500), (rank, session) -> {
            Tensor x = session.full(1, Shape.of(1));
            sum(rank, session, x);
            x.update(UnaryOp.ADD, 1);
            x.update(BinaryOp.ADD, x);
            CapturedGraph graph = capture(rank, session, x, x);
            rank.agree("captured");
            if (rank.rank() == 0) {
                graph.replay(0);
            } else {
                begin(rank, session, x);
            }
            rank.join(session.backend(), "captured");
            return rank.allGather(new byte[0]);
        });
        assertThat(results).allSatisfy(result -> assertThat(result).isInstanceOf(CollectiveException.class));
    }

    /** Listens to what rank 0 puts on its stream. */
    private static final class Listening implements Callback {
        private final List<StreamWork> work = new ArrayList<>();

        @Override
        public void onFitBegin(Trainer trainer) {
            if (trainer.rank() == 0) {
                ((CudaBackend) trainer.model().session().backend()).observe(work::add);
            }
        }

        List<StreamWork> exchanges() {
            return work.stream().filter(one -> one.name().equals("all-reduce")).toList();
        }

        /** Returns how much was computed between the first sum and the next. */
        long kernelsAfterTheFirst() {
            int first = work.indexOf(exchanges().get(0));
            int second = first
                    + 1
                    + work.subList(first + 1, work.size()).indexOf(exchanges().get(1));
            return work.subList(first, second).stream()
                    .filter(one -> one.kind() != WorkKind.COPY)
                    .count();
        }
    }

    /** Three layers, of a bucket each. */
    static Setting setting(int batches) {
        return new Setting(
                        () -> new Sequential(
                                new Flatten(),
                                new Linear(3 * 32 * 32, 4).activation(Activation.RELU),
                                new Linear(4, 16).activation(Activation.RELU),
                                new Linear(16, 10)),
                        batches)
                .inBuckets(100);
    }

    @Test
    void bucketsAreExchangedWhileOthersAreComputed() throws Exception {
        Listening listening = new Listening();
        Setting setting = setting(4).calling(listening);
        Run alone = NcclTrainingTest.alone(setting.accumulating(2).calling(new Callback() {}));
        NcclTrainingTest.together(2, setting).forEach(run -> run.requireSame(alone));
        assertThat(listening.exchanges()).as("several a step").hasSizeGreaterThan(4);
        assertThat(listening.kernelsAfterTheFirst()).isPositive();
    }

    /** The first step runs eagerly, the second is captured, and the last is of one batch only. */
    @Test
    void capturedStepsHoldTheirExchanges() throws Exception {
        Listening listening = new Listening();
        Setting eager = setting(9);
        Run alone = NcclTrainingTest.alone(eager.accumulating(2));
        List<Run> captured = NcclTrainingTest.together(2, eager.captured().calling(listening));
        captured.forEach(run -> run.requireSame(alone));
        NcclTrainingTest.together(2, eager).get(0).requireSame(captured.get(0));
        assertThat(listening.work.stream().filter(one -> one.kind() == WorkKind.GRAPH))
                .as("replays")
                .hasSize(3);
        List<StreamWork> exchanges = listening.exchanges();
        long recorded = exchanges.stream().filter(StreamWork::captured).count();
        assertThat(recorded).as("buckets of a step, in the graph").isGreaterThan(2);
        assertThat(exchanges)
                .as("of the first step, the graph and the last step")
                .hasSize((int) (3 * recorded));
    }

    /** NCCL expects exchanges captured by all ranks or by none. */
    @ParameterizedTest
    @ValueSource(strings = {"cuStreamBeginCapture_v2", "cuGraphInstantiateWithFlags"})
    void whereOneRankCannotCaptureNoneDoes(String call) throws Exception {
        gpu.inject(call, 1, NOT_SUPPORTED);
        Listening listening = new Listening();
        Setting setting = setting(8).captured().calling(listening);
        Run alone = NcclTrainingTest.alone(setting(8).accumulating(2));
        NcclTrainingTest.together(2, setting).forEach(run -> run.requireSame(alone));
        assertThat(listening.work).noneMatch(one -> one.kind() == WorkKind.GRAPH);
    }

    /** Rank 0 fails in the captured backward pass when it has begun one bucket; the same step then begins with the first. */
    @Test
    void aCaptureThatFailsInTheBackwardPassLeavesNoBucketTaken() throws Exception {
        AtomicInteger failed = new AtomicInteger();
        Callback failing = new Callback() {
            @Override
            public void onFitBegin(Trainer trainer) {
                if (trainer.rank() == 0) {
                    ((CudaBackend) trainer.model().session().backend()).observe(this::fail);
                }
            }

            private void fail(StreamWork work) {
                if (work.captured() && work.name().equals("all-reduce") && failed.incrementAndGet() == 1) {
                    throw new IllegalStateException("no memory for the next layer's gradients");
                }
            }
        };
        Run alone = NcclTrainingTest.alone(setting(8).accumulating(2));
        NcclTrainingTest.together(2, setting(8).captured().calling(failing)).forEach(run -> run.requireSame(alone));
        assertThat(failed).hasValue(1);
    }

    /** Rank 1 agrees to an exchange and does not come to it; rank 0 has begun it and computes. */
    @Test
    void anExchangeThatNobodyWaitsForYetEndsTheGroupAfterTheTimeOut() throws Exception {
        CountDownLatch ended = new CountDownLatch(1);
        List<Object> results = NcclCollectiveTest.outcomes(2, Duration.ofMillis(500), (rank, session) -> {
            Tensor x = session.full(1, Shape.of(1));
            sum(rank, session, x);
            rank.barrier();
            rank.agree("a sum");
            if (rank.rank() == 1) {
                return ended.await(20, TimeUnit.SECONDS);
            }
            try {
                begin(rank, session, x);
                rank.agree("the next");
                return "not ended";
            } finally {
                ended.countDown();
            }
        });
        assertThat((Throwable) results.get(0))
                .isInstanceOf(CollectiveException.class)
                .hasMessageContainingAll("Rank 0", "waited 0.5 s", "all-reduce");
        assertThat(results.get(1)).isEqualTo(true);
    }
}
