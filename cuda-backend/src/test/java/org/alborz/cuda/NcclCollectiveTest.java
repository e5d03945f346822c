package org.alborz.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.alborz.backend.BackendOptions;
import org.alborz.cuda.natives.Host;
import org.alborz.distributed.Collective;
import org.alborz.distributed.CollectiveException;
import org.alborz.distributed.LocalCollective;
import org.alborz.distributed.Reduction;
import org.alborz.softwarecuda.SoftwareCuda;
import org.alborz.softwarecuda.SoftwareDevice;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ranks that are threads with a session each, whose devices exchange numbers by the software NCCL. */
@Timeout(300)
class NcclCollectiveTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(20);
    private static final int REMOTE_ERROR = 6;

    private SoftwareDevice gpu;

    interface Work<T> {
        T of(NcclCollective rank, Session session) throws Exception;
    }

    @BeforeEach
    void open() {
        gpu = SoftwareGpu.device();
    }

    @AfterEach
    void reset() {
        gpu.reset();
    }

    /** Returns what each rank returned, or the exception that it failed by. */
    static <T> List<Object> outcomes(int size, Duration timeout, Work<T> work) throws Exception {
        List<Collective> ranks = LocalCollective.group(size, TIMEOUT);
        Host host = SoftwareGpu.host(SoftwareCuda.folder()); // it locks a file, which two threads of a process cannot
        ExecutorService threads = Executors.newFixedThreadPool(size);
        try {
            List<Future<T>> futures = new ArrayList<>();
            for (Collective rank : ranks) {
                futures.add(threads.submit(() -> {
                    try (rank;
                            Session session = Session.of(new CudaBackend(BackendOptions.defaults()), DType.FLOAT32);
                            NcclCollective nccl = NcclCollective.over(rank, timeout, host)) {
                        return work.of(nccl, session);
                    }
                }));
            }
            List<Object> outcomes = new ArrayList<>();
            for (Future<T> future : futures) {
                try {
                    outcomes.add(future.get());
                } catch (ExecutionException e) {
                    outcomes.add(e.getCause());
                }
            }
            return outcomes;
        } finally {
            threads.shutdownNow();
        }
    }

    private static float[] values(int rank, int count) {
        Random random = new Random(rank);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    /** Sums on the device, of what the device computes before, and computes with the sum. */
    private static float[] sum(NcclCollective rank, Session session, int count) {
        Tensor x = session.tensor(values(rank.rank(), count), Shape.of(count)).mul(2);
        Tensor one = session.scalar(rank.rank() + 1).mul(1);
        List<Tensor> both = List.of(x, one);
        session.changeInPlace(both, backend -> rank.allReduce(Reduction.SUM, backend, both));
        float[] sums = x.mul(0.5).toFloats();
        float[] all = Arrays.copyOf(sums, count + 1);
        all[count] = (float) one.item();
        return all;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void twoRanksAddExactly(boolean deferred) throws Exception {
        gpu.deferred(deferred);
        List<Object> sums = outcomes(2, TIMEOUT, (rank, session) -> sum(rank, session, 1000));
        float[] first = values(0, 1000);
        float[] second = values(1, 1000);
        float[] expected = new float[1001];
        for (int i = 0; i < 1000; i++) {
            expected[i] = first[i] + second[i];
        }
        expected[1000] = 3;
        assertThat(sums).containsExactly(expected, expected);
    }

    @Test
    void threeRanksGetTheSameBitsAndAnySumOfThem() throws Exception {
        List<Object> sums = outcomes(3, TIMEOUT, (rank, session) -> sum(rank, session, 300));
        float[] bits = (float[]) sums.get(0);
        assertThat(sums).containsExactly(bits, bits, bits);
        for (int i = 0; i < 300; i++) {
            double exact = (double) values(0, 300)[i] + values(1, 300)[i] + values(2, 300)[i];
            // Two additions, each rounded to 24 bits, of partial sums below 16.
            assertThat((double) bits[i]).isCloseTo(exact, within(2 * 16 * 0x1p-24));
        }
    }

    @Test
    void extremesAndOtherTypesAreReducedAndRootsValuesCopied() throws Exception {
        List<Object> results = outcomes(2, TIMEOUT, (rank, session) -> {
            int r = rank.rank();
            Tensor wide = session.tensor(new double[] {r, 1 - r, 0.5}, Shape.of(3));
            Tensor whole = session.tensor(new int[] {5 * r, -r}, Shape.of(2));
            Tensor least = session.tensor(new float[] {r, -r}, Shape.of(2));
            Tensor bits = session.tensor(new boolean[] {r == 1, r == 0}, Shape.of(2));
            List<Tensor> sums = List.of(wide, whole);
            session.changeInPlace(sums, backend -> rank.allReduce(Reduction.MAX, backend, sums));
            session.changeInPlace(List.of(least), backend -> rank.allReduce(Reduction.MIN, backend, List.of(least)));
            session.changeInPlace(List.of(bits), backend -> rank.broadcast(backend, List.of(bits), 1));
            assertThat(rank.allGather(new byte[] {(byte) r})).containsExactly(new byte[] {0}, new byte[] {1});
            return Arrays.toString(wide.toDoubles())
                    + Arrays.toString(whole.toInts())
                    + Arrays.toString(least.toFloats())
                    + Arrays.toString(bits.toBooleans());
        });
        String expected = "[1.0, 1.0, 0.5][5, 0][0.0, -1.0][true, false]";
        assertThat(results).containsExactly(expected, expected);
    }

    @Test
    void ranksAtOtherCallsAreToldBeforeTheirDevicesWait() throws Exception {
        List<Object> failures = outcomes(2, TIMEOUT, (rank, session) -> sum(rank, session, 10 + rank.rank()));
        assertThat(failures)
                .allSatisfy(failure -> assertThat((Throwable) failure)
                        .isInstanceOf(CollectiveException.class)
                        .hasMessageContainingAll("is at another call", "all-reduce SUM of 1", "float32"));
    }

    @Test
    void aRankThatHasLeftIsNamed() throws Exception {
        List<Object> failures = outcomes(3, TIMEOUT, (rank, session) -> {
            sum(rank, session, 10);
            if (rank.rank() == 1) {
                throw new IllegalStateException("this rank fails");
            }
            sum(rank, session, 10);
            return sum(rank, session, 10);
        });
        assertThat((Throwable) failures.get(1)).hasMessage("this rank fails");
        assertThat((Throwable) failures.get(0))
                .isInstanceOf(CollectiveException.class)
                .hasMessageContaining("Rank 1 has left the group");
    }

    /** One rank's device comes to the sum and the other's does not: only the time-out can end that. */
    @Test
    void anExchangeThatARankNeverComesToEndsAfterTheTimeOut() throws Exception {
        List<Object> failures = outcomes(2, Duration.ofMillis(800), (rank, session) -> {
            sum(rank, session, 10);
            if (rank.rank() == 1) {
                rank.allGather(new byte[0]);
                rank.allGather("all-reduce SUM of 10 float32 1 float32".getBytes(StandardCharsets.UTF_8));
                return rank.allGather(new byte[0]); // ends when rank 0 does
            }
            rank.allGather(new byte[0]);
            sum(rank, session, 10); // undefined, and so is what comes of it
            return rank.allGather(new byte[0]);
        });
        assertThat((Throwable) failures.get(0))
                .isInstanceOf(CollectiveException.class)
                .hasMessageContainingAll("Rank 0", "waited 0.8 s", "all-reduce SUM of 10 float32 1 float32");
    }

    @Test
    void whatNcclReportsEndsAllRanks() throws Exception {
        List<Object> failures = outcomes(2, Duration.ofSeconds(2), (rank, session) -> {
            sum(rank, session, 10);
            rank.barrier();
            if (rank.rank() == 0) {
                gpu.inject("ncclCommGetAsyncError", 1, REMOTE_ERROR);
                Thread.sleep(300);
            }
            sum(rank, session, 10);
            return sum(rank, session, 10);
        });
        assertThat(failures)
                .allSatisfy(failure -> assertThat((Throwable) failure)
                        .isInstanceOf(CollectiveException.class)
                        .hasMessageContaining("remote process exited or there was a network error"));
    }

    @Test
    void aConnectionThatFailsSaysWhatHelps() throws Exception {
        gpu.inject("ncclCommInitRankConfig", 1, 5);
        List<Object> failures = outcomes(2, Duration.ofMillis(300), (rank, session) -> sum(rank, session, 10));
        assertThat(failures)
                .allSatisfy(failure -> assertThat(failure).isInstanceOf(CollectiveException.class))
                .anySatisfy(failure -> assertThat((Throwable) failure)
                        .hasMessageContainingAll("NCCL cannot connect", "Give each rank a GPU of its own"))
                .anySatisfy(failure -> assertThat((Throwable) failure)
                        .hasMessageContainingAll("did not come together within 300 ms", "connection of 2 devices"));
    }

    @Test
    void whatIsNotOfTheDeviceIsRefused() throws Exception {
        List<Object> refused = outcomes(1, TIMEOUT, (rank, session) -> {
            Tensor x = session.zeros(Shape.of(2, 3));
            try (Session host = Session.open("cpu-scalar")) {
                assertThat(rank.refuses(host.backend()))
                        .hasValueSatisfying(why -> assertThat(why).contains("cpu-scalar"));
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> rank.allReduce(Reduction.SUM, host.backend(), List.of()))
                        .withMessageContaining("cpu-scalar");
            }
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> rank.allReduce(Reduction.SUM, session.backend(), List.of(x.narrow(1, 0, 2))))
                    .withMessageContaining("dense");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> rank.broadcast(session.backend(), List.of(x), 1))
                    .withMessageContaining("from 0 to 0");
            Tensor truth = session.tensor(new boolean[] {true, false}, Shape.of(2));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> rank.allReduce(Reduction.SUM, session.backend(), List.of(x, truth)))
                    .withMessageContaining("expects numbers");
            assertThat(sum(rank, session, 1)).containsExactly(values(0, 1)[0], 1); // as if it had not been asked for
            assertThat(rank.refuses(session.backend())).isEmpty();
            assertThat(rank.toString()).startsWith("NCCL 2.23.4 over ");
            return "done";
        });
        assertThat(refused).containsExactly("done");
    }
}
