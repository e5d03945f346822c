package org.alborz.distributed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(300)
final class AsyncCollectiveTest {
    /** Rank 1 begins only after rank 0 has returned from its begin: else both would wait endlessly. */
    @ParameterizedTest
    @ValueSource(strings = {"local", "tcp"})
    void beginsReturnAtOnceAndCallsKeepTheirOrder(String kind) throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        List<String> results = Ranks.run(kind, 2, group -> {
            AsyncCollective collective = new AsyncCollective(group);
            float rank = collective.rank();
            if (rank == 1) {
                begun.await();
            }
            float[] singles = {9, rank, 10 * rank, 9};
            double[] doubles = {9, 1 + rank, 9};
            collective.beginAllReduce(Reduction.SUM, singles, 1, 2);
            collective.beginAllReduce(Reduction.SUM, singles, 2, 3);
            collective.beginAllReduce(Reduction.MAX, doubles, 1, 2);
            begun.countDown();
            List<byte[]> all = collective.allGather(new byte[] {(byte) rank}); // after those that were begun
            String found = Arrays.toString(singles) + Arrays.toString(doubles) + all.get(1)[0];
            collective.await();
            assertThat(collective.busySeconds()).isPositive();
            return found + (collective.waitedSeconds() >= 0);
        });
        assertThat(results).containsOnly("[9.0, 1.0, 10.0, 9.0][9.0, 2.0, 9.0]1true");
    }

    @Test
    void aFailureIsThrownInTheCallersThread() {
        List<Collective> group = LocalCollective.group(2, Duration.ofSeconds(30));
        AsyncCollective collective = new AsyncCollective(group.get(0));
        collective.beginAllReduce(Reduction.SUM, new float[1], 0, 1);
        group.get(1).abort("out of memory");
        assertThatThrownBy(collective::await)
                .isInstanceOf(CollectiveException.class)
                .hasMessage("Rank 1 ended the group: out of memory");
        assertThatThrownBy(() -> collective.beginAllReduce(Reduction.SUM, new float[1], 0, 1))
                .hasMessage("Rank 1 ended the group: out of memory");
        assertThatThrownBy(collective::barrier).hasMessage("Rank 1 ended the group: out of memory");
    }

    @Test
    void aTimeoutIsThrownInTheCallersThread() {
        AsyncCollective collective = new AsyncCollective(
                LocalCollective.group(2, Duration.ofMillis(20)).get(0));
        collective.beginAllReduce(Reduction.SUM, new double[1], 0, 1);
        assertThatThrownBy(collective::await)
                .isInstanceOf(CollectiveException.class)
                .hasMessageContaining("for rank 1");
    }

    @Test
    void abortEndsACallThatWasBegun() {
        AsyncCollective collective = new AsyncCollective(
                LocalCollective.group(2, Duration.ofSeconds(30)).get(0));
        collective.beginAllReduce(Reduction.SUM, new float[1], 0, 1);
        collective.abort("no more data");
        assertThatThrownBy(collective::await).hasMessage("Rank 0 ended the group: no more data");
    }

    /** The other ranks would wait for a call that this one does not make any more. */
    @Test
    void aFailureThatIsNoOtherRanksEndsTheGroup() {
        List<Collective> group = LocalCollective.group(2, Duration.ofSeconds(30));
        AsyncCollective one = new AsyncCollective(group.get(0));
        AsyncCollective other = new AsyncCollective(group.get(0));
        one.beginAllReduce(Reduction.SUM, new float[1], 0, 1);
        other.beginAllReduce(Reduction.SUM, new float[1], 0, 1);
        assertThatThrownBy(one::await).hasMessageContaining("Rank 0 makes two calls at a time");
        assertThatThrownBy(other::await).hasMessageContaining("Rank 0 makes two calls at a time");
        assertThatThrownBy(group.get(1)::barrier)
                .hasMessageStartingWith("Rank 0 ended the group: java.lang.IllegalStateException: Rank 0 makes two");
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "tcp"})
    void closeEndsACallThatRuns(String kind) throws Exception {
        CountDownLatch closed = new CountDownLatch(1);
        Ranks.run(kind, 2, group -> {
            if (group.rank() == 0) {
                AsyncCollective collective = new AsyncCollective(group);
                collective.beginAllReduce(Reduction.SUM, new float[1], 0, 1);
                collective.close();
                closed.countDown();
                // Over sockets the other rank's next call may come before the end is seen.
                assertThatThrownBy(collective::await).isInstanceOf(CollectiveException.class);
            } else {
                closed.await();
                assertThatThrownBy(group::barrier).isInstanceOf(CollectiveException.class);
            }
            return group.rank();
        });
    }

    @Test
    void anInterruptOfTheCallerEndsTheCallThatRuns() {
        AsyncCollective collective = new AsyncCollective(
                LocalCollective.group(2, Duration.ofSeconds(30)).get(0));
        collective.beginAllReduce(Reduction.SUM, new float[1], 0, 1);
        Thread.currentThread().interrupt();
        assertThatThrownBy(collective::await).hasMessageContaining("Rank 0 was interrupted in allReduce");
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void rangesAreCheckedBeforeTheyAreBegun() {
        AsyncCollective collective = new AsyncCollective(
                LocalCollective.group(1, Duration.ofSeconds(1)).get(0));
        List<Throwable> thrown = new ArrayList<>();
        for (int to : new int[] {2, -1}) {
            try {
                collective.beginAllReduce(Reduction.SUM, new float[1], 0, to);
            } catch (IndexOutOfBoundsException e) {
                thrown.add(e);
            }
        }
        assertThat(thrown).hasSize(2);
        collective.await();
        collective.close();
    }
}
