package org.alborz.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.alborz.distributed.Collective;
import org.alborz.distributed.LocalCollective;
import org.junit.jupiter.api.Test;

/** Ranks agree on how they exchange gradients. */
class CollectiveChoiceTest {
    /** What one rank was started with, and lacks. */
    private record Start(String choice, String backend, String missing) {}

    /** Returns each rank's answer, or the message of its failure. */
    private static List<Object> ask(Start... starts) throws Exception {
        List<Collective> ranks = LocalCollective.group(starts.length, Duration.ofSeconds(20));
        ExecutorService threads = Executors.newFixedThreadPool(starts.length);
        try {
            List<Future<Boolean>> futures = new ArrayList<>();
            for (Collective rank : ranks) {
                Start start = starts[rank.rank()];
                futures.add(threads.submit(() -> CollectiveChoice.of(start.choice())
                        .isNccl(rank, start.backend(), () -> Optional.ofNullable(start.missing()))));
            }
            List<Object> answers = new ArrayList<>();
            for (Future<Boolean> future : futures) {
                try {
                    answers.add(future.get());
                } catch (ExecutionException e) {
                    assertThat(e.getCause()).isInstanceOf(CommandFailure.class);
                    answers.add(e.getCause().getMessage());
                }
            }
            return answers;
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void ncclIsUsedWhereAllRanksHaveIt() throws Exception {
        assertThat(ask(new Start("auto", "cuda", null), new Start("auto", "cuda", null)))
                .containsExactly(true, true);
        assertThat(ask(new Start("nccl", "cuda", null), new Start("nccl", "cuda", null)))
                .containsExactly(true, true);
        assertThat(ask(new Start("tcp", "cuda", null), new Start("tcp", "cuda", null)))
                .containsExactly(false, false);
    }

    @Test
    void autoTakesTcpInAllRanksWhereOneLacksIt() throws Exception {
        assertThat(ask(new Start("auto", "cuda", null), new Start("auto", "cuda", "No jar. Remedy: Add it.")))
                .containsExactly(false, false);
        assertThat(ask(new Start("auto", "cpu-vector", null), new Start("auto", "cpu-vector", null)))
                .containsExactly(false, false);
    }

    @Test
    void ncclByItsNameIsNeverTcp() throws Exception {
        assertThat(ask(new Start("nccl", "cuda", null), new Start("nccl", "cuda", "No jar. Remedy: Add it.")))
                .allSatisfy(
                        message -> assertThat(message.toString()).contains("rank 1 cannot load it", "Remedy: Add it."));
        assertThat(ask(new Start("nccl", "cpu-vector", null), new Start("nccl", "cuda", null)))
                .allSatisfy(message ->
                        assertThat(message.toString()).contains("rank 0 computes on cpu-vector", "--backend cuda"));
    }

    @Test
    void ranksThatChooseDifferentlyAreRefused() throws Exception {
        assertThat(ask(new Start("auto", "cuda", null), new Start("tcp", "cuda", null)))
                .allSatisfy(message ->
                        assertThat(message.toString()).contains("--collective is auto in rank 0 and tcp in rank 1"));
    }

    @Test
    void otherNamesAreRefused() {
        assertThatThrownBy(() -> CollectiveChoice.of("mpi"))
                .isInstanceOf(CommandFailure.class)
                .hasMessageContaining("--collective expects one of [auto, tcp, nccl], got 'mpi'");
    }
}
