package org.alborz.distributed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Both kinds of groups do the same. */
@Timeout(300)
final class CollectiveTest {
    @ParameterizedTest
    @CsvSource({"local,1", "local,2", "local,5", "tcp,1", "tcp,2", "tcp,3", "tcp,5"})
    void addsInTheOrderOfRanks(String kind, int size) throws Exception {
        for (int length : new int[] {0, 1, 7, 65_535, 65_536, 65_537, 1_000_003}) {
            float[][] given = new float[size][length];
            Random random = new Random(length);
            for (float[] values : given) {
                for (int i = 0; i < length; i++) {
                    values[i] = (float) (random.nextGaussian() * Math.pow(10, random.nextInt(9)));
                }
            }
            float[] expected = given[0].clone();
            for (int rank = 1; rank < size; rank++) {
                for (int i = 0; i < length; i++) {
                    expected[i] += given[rank][i];
                }
            }
            List<float[]> results = Ranks.run(kind, size, collective -> {
                float[] values = new float[length + 3];
                Arrays.fill(values, 9);
                System.arraycopy(given[collective.rank()], 0, values, 2, length);
                collective.allReduce(Reduction.SUM, values, 2, 2 + length);
                assertThat(new float[] {values[0], values[1], values[length + 2]})
                        .containsOnly(9);
                return Arrays.copyOfRange(values, 2, 2 + length);
            });
            for (float[] result : results) {
                assertThat(Arrays.equals(result, expected))
                        .as(kind + " " + size + " " + length)
                        .isTrue();
            }
            if (size > 3 && length > 65_537) {
                break;
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"local,3", "tcp,3"})
    void reducesBroadcastsAndGathers(String kind, int size) throws Exception {
        List<String> results = Ranks.run(kind, size, collective -> {
            int rank = collective.rank();
            double[] sums = {rank, 0.1 * rank, Double.NaN};
            collective.allReduce(Reduction.SUM, sums);
            double[] most = {rank, -rank};
            collective.allReduce(Reduction.MAX, most);
            double[] some = {9, rank, 9};
            collective.allReduce(Reduction.SUM, some, 1, 2);
            assertThat(some).containsExactly(9, 3, 9);
            float[] least = {rank, rank == 1 ? Float.NaN : 0};
            collective.allReduce(Reduction.MIN, least, 0, 2);
            float[] sent = new float[200_000];
            Arrays.fill(sent, rank);
            collective.broadcast(sent, 1, 200_000, 2);
            collective.broadcast(sent, 0, 0, 1);
            List<byte[]> all = collective.allGather(new byte[rank]);
            collective.barrier();
            return Arrays.toString(sums) + Arrays.toString(most) + Arrays.toString(least) + sent[0] + " " + sent[1]
                    + " " + sent[199_999] + " "
                    + all.stream().map(bytes -> bytes.length).toList();
        });
        for (int rank = 0; rank < size; rank++) {
            assertThat(results.get(rank))
                    .isEqualTo("[3.0, " + (0.1 * 1 + 0.1 * 2) + ", NaN][2.0, 0.0][0.0, NaN]" + (float) rank
                            + " 2.0 2.0 [0, 1, 2]");
        }
    }

    @ParameterizedTest
    @CsvSource({"local", "tcp"})
    void moreThanAFrameIsRefusedAndTheGroupGoesOn(String kind) throws Exception {
        List<Integer> sizes = Ranks.run(kind, 2, collective -> {
            if (collective.rank() == 0) {
                assertThatThrownBy(() -> collective.allGather(new byte[(64 << 20) + 1]))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("at most 67108864 bytes of a rank, got 67108865; give them in parts");
            }
            return collective.allGather(new byte[3]).size();
        });
        assertThat(sizes).containsOnly(2);
    }

    @ParameterizedTest
    @CsvSource({"local,2", "local,4", "tcp,2", "tcp,4"})
    void aFailureOfOneEndsAllAndIsNamed(String kind, int size) throws Exception {
        List<String> results = Ranks.run(kind, size, collective -> {
            collective.barrier();
            if (collective.rank() == 1) {
                collective.abort("out of memory");
                return "aborted";
            }
            assertThatThrownBy(() -> {
                        while (true) {
                            collective.allReduce(Reduction.SUM, new float[100_000], 0, 100_000);
                        }
                    })
                    .isInstanceOf(CollectiveException.class)
                    .hasMessageContaining("ank 1")
                    .hasMessageContaining("out of memory");
            assertThatThrownBy(collective::barrier).isInstanceOf(CollectiveException.class);
            return "noticed";
        });
        assertThat(results).filteredOn("noticed"::equals).hasSize(size - 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "tcp"})
    void anotherThreadEndsAWait(String kind) throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        Ranks.run(kind, 2, collective -> {
            if (collective.rank() == 1) {
                over.await();
                return "late";
            }
            Thread other = new Thread(() -> collective.abort("stopped by the user"));
            other.start();
            assertThatThrownBy(collective::barrier)
                    .isInstanceOf(CollectiveException.class)
                    .hasMessageContaining("stopped by the user");
            other.join();
            over.countDown();
            return "ended";
        });
    }

    /** The thread is interrupted before, so that the first wait for a place ends. */
    @Test
    void anInterruptedRankIsNamedToAll() throws Exception {
        float[] values = new float[1_000_000];
        List<String> messages = Ranks.run("tcp", 2, collective -> {
            if (collective.rank() == 0) {
                Thread.currentThread().interrupt();
            }
            try {
                while (true) {
                    collective.broadcast(collective.rank() == 0 ? values : values.clone(), 0, values.length, 0);
                }
            } catch (CollectiveException e) {
                return Thread.interrupted() + " " + e.getMessage();
            }
        });
        assertThat(messages.get(0)).startsWith("true Rank 0 was interrupted while it waited to send to rank 1 at ");
        assertThat(messages.get(1)).startsWith("false Rank 0 was interrupted while it waited to send to rank 1 at ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "tcp"})
    void leavingEarlyEndsTheOthers(String kind) throws Exception {
        Ranks.run(kind, 3, collective -> {
            collective.barrier();
            if (collective.rank() == 2) {
                collective.close();
                assertThatThrownBy(collective::barrier).hasMessageContaining("left the group");
            } else {
                assertThatThrownBy(collective::barrier)
                        .isInstanceOf(CollectiveException.class)
                        .hasMessageContaining("ank 2")
                        .hasMessageContaining("left the group");
            }
            return "";
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "tcp"})
    void differentCallsAreRefused(String kind) throws Exception {
        List<String> messages = Ranks.run(kind, 3, collective -> {
            try {
                if (collective.rank() == 1) {
                    collective.allReduce(Reduction.SUM, new float[5], 0, 5);
                } else {
                    collective.allReduce(Reduction.SUM, new float[6], 0, 6);
                }
                return "";
            } catch (CollectiveException e) {
                return e.getMessage();
            }
        });
        assertThat(messages)
                .allSatisfy(message -> assertThat(message)
                        .contains("the same calls in the same order", "with syncBatchNorm a model whose layers"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "tcp"})
    void aRankThatDoesNotComeIsNotWaitedForEndlessly(String kind) throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        List<String> messages = Ranks.run(kind, 2, Duration.ofMillis(300), collective -> {
            if (collective.rank() == 1) {
                over.await();
                return "";
            }
            try {
                collective.barrier();
                return "none";
            } catch (CollectiveException e) {
                return e.getMessage();
            } finally {
                over.countDown();
            }
        });
        assertThat(messages.get(0)).containsIgnoringCase("rank 0").contains("waited", "rank 1");
    }

    @Test
    void refusesWhatCannotBe() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new World(2, 2, "localhost", 1, "0123456789abcdef"))
                .withMessageContaining("rank 2 of 2");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new World(0, 2, "localhost", 1, "secret"))
                .withMessageContaining("at least 16 characters, got one of 6")
                .withMessageNotContaining("secret");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> World.of(java.util.Map.of("RANK", "0", "WORLD_SIZE", "two")))
                .withMessage("The environment variable WORLD_SIZE expects a whole number, got 'two'");
        assertThat(new World(1, 2, "host", 29_500, "0123456789abcdef")).hasToString("rank 1 of 2 at host:29500");
        Collective alone = LocalCollective.group(1, Duration.ofSeconds(1)).get(0);
        assertThatThrownBy(() -> alone.allReduce(Reduction.SUM, new float[3], 1, 4))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatIllegalArgumentException().isThrownBy(() -> alone.broadcast(new float[3], 0, 3, 1));
        List<Collective> closed = new ArrayList<>(LocalCollective.group(2, Duration.ofSeconds(1)));
        closed.get(0).close();
        assertThatThrownBy(closed.get(1)::barrier).hasMessageContaining("Rank 0 has left the group");
    }
}
